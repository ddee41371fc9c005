import type { ServiceError } from '../../errors.ts';
import type { HttpResponse } from '../../http/message.ts';
import { eventStreamMessage } from './event-stream.ts';
import type { OperationModel, ServiceModel } from '../model.ts';
import { membersOf, shapeOf } from '../shapes.ts';

/** The format of the documents within the messages: JSON or CBOR. */
export interface EventDocuments {
  readonly contentType: string;
  encode(shapeName: string, value: unknown): Uint8Array;
  /** Encodes an error as in a response's body. */
  encodeError(error: ServiceError): { name: string; body: Uint8Array };
}

interface EventStream {
  /** The output member that is the stream. */
  readonly member: string;
  /** The shape of each kind of event, by its name in the union. */
  readonly events: ReadonlyMap<string, string>;
  readonly outputShape: string;
}

/** The output member whose events make up the response's body, if the operation has one. */
export function eventStreamOf(model: ServiceModel, operation: OperationModel): EventStream | undefined {
  if (operation.output === undefined) return undefined;
  const outputShape = operation.output.shape;
  for (const [member, reference] of membersOf(shapeOf(model, outputShape))) {
    const shape = shapeOf(model, reference.shape);
    if (shape.eventstream !== true) continue;
    const events = new Map(membersOf(shape).map(([name, event]) => [name, event.shape]));
    return { member, events, outputShape };
  }
  return undefined;
}

/**
 * Returns a response whose body is an event stream: the other output members as `initial-response`, then what the
 * handler's async iterable yields (`{ SubscribeToShardEvent: {...} }`). An error that it throws is the last message.
 */
export function eventStreamResponse(
  stream: EventStream,
  output: object,
  headers: Record<string, string>,
  documents: EventDocuments,
  fault: (error: unknown) => ServiceError,
): HttpResponse {
  const { [stream.member]: events, ...initial } = output as Record<string, unknown>;
  // The model says that this member is a stream of events; the handler's type is an async iterable for it.
  const iterator = (events as AsyncIterable<object>)[Symbol.asyncIterator]();
  headers['Content-Type'] = 'application/vnd.amazon.eventstream';
  const body = messages(stream, initial, iterator, documents, fault);
  return { status: 200, headers, body, endless: true };
}

function messages(
  stream: EventStream,
  initial: object,
  iterator: AsyncIterator<object>,
  documents: EventDocuments,
  fault: (error: unknown) => ServiceError,
): AsyncIterable<Uint8Array> {
  let state: 'initial' | 'events' | 'ended' = 'initial';
  const source: AsyncIterator<Uint8Array> = {
    async next() {
      if (state === 'initial') {
        state = 'events';
        return { value: event('initial-response', documents, documents.encode(stream.outputShape, initial)) };
      }
      if (state === 'ended') return { done: true, value: undefined };
      try {
        const next = await iterator.next();
        if (next.done !== true) return { value: encodeEvent(stream, next.value, documents) };
        state = 'ended';
        return { done: true, value: undefined };
      } catch (error) {
        state = 'ended';
        return { value: exception(fault(error), documents) };
      }
    },
    // Not a generator: its `return` would wait for a pending `next`, possibly forever.
    async return() {
      state = 'ended';
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => source };
}

function encodeEvent(stream: EventStream, union: object, documents: EventDocuments): Buffer {
  const [name, value] = Object.entries(union)[0] ?? [];
  const shape = name === undefined ? undefined : stream.events.get(name);
  if (name === undefined || shape === undefined) throw new Error(`an event stream without an event ${name}`);
  return event(name, documents, documents.encode(shape, value));
}

function event(name: string, { contentType }: EventDocuments, payload: Uint8Array): Buffer {
  const headers = { ':message-type': 'event', ':event-type': name, ':content-type': contentType };
  return eventStreamMessage(headers, payload);
}

function exception(error: ServiceError, documents: EventDocuments): Buffer {
  const { name, body } = documents.encodeError(error);
  const headers = {
    ':message-type': 'exception',
    ':exception-type': name,
    ':content-type': documents.contentType,
  };
  return eventStreamMessage(headers, body);
}
