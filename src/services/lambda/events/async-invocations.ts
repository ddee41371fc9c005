import { randomUUID } from 'node:crypto';
import type { Actor } from '../../../auth/authorization/acting.ts';
import { EngineBusyError, type Engine, type IdempotencyKey } from '../../../engine/engine.ts';
import { lambdaLimits } from '../limits.ts';
import { DispatchedQueue } from '../../../queue/dispatched-queue.ts';
import type { Verdict } from '../../../queue/dispatcher.ts';
import { QueueFullError } from '../../../queue/durable-queue.ts';
import type { QueueMessage } from '../../../queue/message.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { TraceContext } from '../../../support/trace-context.ts';
import type { WorkSpans } from '../../../support/work-spans.ts';
import { tooManyRequests } from '../errors.ts';
import type { FunctionMetrics } from '../function-metrics.ts';
import type { InvokeResult } from '../functions.ts';
import type { AsyncEvent } from './async-event.ts';
import type { DestinationsQueue } from './destinations-queue.ts';
import type { EventInvokeSettings } from './event-invoke-settings.ts';
import { deadLetter, invocationRecord, type Condition, type FinishedEvent } from './invocation-record.ts';
import { takeOverEvents } from './earlier-events.ts';

/** How an attempt ended. `notBegun`: the function did not run, so the attempt does not count. */
export type AttemptResult =
  | { readonly type: 'succeeded'; readonly response: InvokeResult }
  /** Without a response when the function's code is damaged. */
  | { readonly type: 'failed'; readonly response: InvokeResult | undefined }
  | { readonly type: 'notBegun' | 'functionGone' };

export interface AsyncInvocationsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs the function once. */
  readonly attempt: (functionName: string, event: AsyncEvent, payload: Buffer) => Promise<AttemptResult>;
  readonly spans: WorkSpans;
  /** The number of events of a function that may run at once. */
  readonly atOnceMax: (functionName: string) => number;
  readonly settingsOf: (functionName: string, qualifier: string | undefined) => EventInvokeSettings;
  /** The TargetArn of a function's DeadLetterConfig. */
  readonly deadLetterTargetOf: (functionName: string, qualifier: string | undefined) => string | undefined;
  /** Without a qualifier. */
  readonly functionArn: (functionName: string) => string;
  /** Whose role sends the records. */
  readonly actorOf: (functionName: string, qualifier: string | undefined) => Actor | undefined;
  readonly destinations: DestinationsQueue;
  readonly metrics: FunctionMetrics;
  /** The pause after the first failure; the second is twice as long. Lambda waits one minute. */
  readonly retryDelayMs: number;
}

/** Name of the queue in the engine's tables. */
export const ASYNC_EVENTS = 'lambda.events';

const RETRY_NOT_BEGUN_MS = 1_000;

/**
 * Asynchronous invocations, from acceptance until they succeed or have failed three times
 * (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). Each runs at least once, also after a
 * crash; invocations of one function start in the order of their acceptance.
 */
export class AsyncInvocations {
  readonly #queue: DispatchedQueue<AsyncEvent>;
  readonly #destinations: DestinationsQueue;

  private constructor(queue: DispatchedQueue<AsyncEvent>, destinations: DestinationsQueue) {
    this.#queue = queue;
    this.#destinations = destinations;
  }

  static async open(options: AsyncInvocationsOptions): Promise<AsyncInvocations> {
    const { engine, clock, log, atOnceMax } = options;
    const queue = await DispatchedQueue.open<AsyncEvent>({
      engine,
      clock,
      log,
      name: ASYNC_EVENTS,
      noun: 'an asynchronous invocation',
      waitingMax: lambdaLimits.asyncEventsPendingMax,
      atOnceMax: lambdaLimits.asyncEventsAtOnceMax,
      atOncePerLaneMax: atOnceMax,
      takeOver: (to) => takeOverEvents(engine, to, clock),
      attempt: (message, payload, signal) => attemptInvocation(options, message, payload, signal),
    });
    return new AsyncInvocations(queue, options.destinations);
  }

  /** Resumes the invocations that an earlier run of the server left. */
  start(): void {
    this.#destinations.start();
    this.#queue.start();
  }

  /** Resolves when it is durable. A repeat with the same key is not run again. Throws TooManyRequestsException. */
  async accept(
    functionName: string,
    event: AsyncEvent,
    payload: Uint8Array,
    idempotencyKey?: IdempotencyKey,
  ): Promise<void> {
    try {
      const to = [{ lane: functionName, head: event }];
      await this.#queue.send([{ body: payload, to }], idempotencyKey);
    } catch (error) {
      if (error instanceof EngineBusyError || error instanceof QueueFullError) throw tooManyRequests();
      throw error;
    }
  }

  /** Starts no more attempts and waits for those in progress; the rest continues after the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
    await this.#destinations.close();
  }
}

async function attemptInvocation(
  options: AsyncInvocationsOptions,
  message: QueueMessage<AsyncEvent>,
  payload: Buffer,
  signal: AbortSignal,
): Promise<Verdict> {
  const { clock, retryDelayMs, settingsOf, metrics } = options;
  const { lane, head, sentMs, attempts } = message;
  const { retriesMax = lambdaLimits.asyncRetriesMax, eventAgeSecondsMax } = settingsOf(lane, head.qualifier);
  const ageMsMax =
    eventAgeSecondsMax === undefined ? lambdaLimits.asyncEventAgeMsMax : eventAgeSecondsMax * 1000;
  const event = { message, payload, signal, response: undefined, trace: head.trace };
  const ageMs = clock.now() - sentMs;
  if (ageMs > ageMsMax) return await drop(options, { ...event, condition: 'EventAgeExceeded' });
  const { result, trace } = await tracedAttempt(options, message, payload);
  switch (result.type) {
    case 'notBegun':
      return { type: 'notBegun', retryAfterMs: RETRY_NOT_BEGUN_MS };
    case 'functionGone':
      return await drop(options, { ...event, condition: 'functionGone' });
    case 'succeeded':
      metrics.add(lane, 'AsyncEventAge', ageMs);
      await report(options, { ...event, trace, response: result.response, condition: 'Success' });
      return { type: 'settled' };
    case 'failed': {
      metrics.add(lane, 'AsyncEventAge', ageMs);
      const failed = { ...event, trace, response: result.response };
      const failures = attempts + 1;
      if (failures > retriesMax) return await drop(options, { ...failed, condition: 'RetriesExhausted' });
      const retryAfterMs = retryDelayMs * failures;
      // As on AWS, a retry that would come too late is not waited for.
      if (clock.now() + retryAfterMs - sentMs > ageMsMax) {
        return await drop(options, { ...failed, condition: 'EventAgeExceeded' });
      }
      return { type: 'failed', retryAfterMs };
    }
  }
}

/** With a span, if the trace of the event is recorded; an attempt that did not begin has none. */
async function tracedAttempt(
  { attempt, spans }: AsyncInvocationsOptions,
  { lane, head, attempts }: QueueMessage<AsyncEvent>,
  payload: Buffer,
): Promise<{ readonly result: AttemptResult; readonly trace: TraceContext | undefined }> {
  if (head.trace === undefined) return { result: await attempt(lane, head, payload), trace: undefined };
  const span = spans.begin({ name: `invoke ${lane}`, kind: 'client', causes: [head.trace] });
  const trace = span?.trace ?? head.trace;
  const result = await attempt(lane, { ...head, trace }, payload);
  if (result.type !== 'succeeded' && result.type !== 'failed') return { result, trace };
  const attributes = {
    'faas.invoked_name': lane,
    'faas.invoked_provider': 'aws',
    'aws.request_id': head.requestId,
    'nagare.attempt': attempts + 1,
  };
  const failure = result.response?.functionError ?? 'Damaged code';
  span?.end(attributes, result.type === 'failed' ? failure : undefined);
  return { result, trace };
}

interface EndedEvent {
  readonly message: QueueMessage<AsyncEvent>;
  readonly payload: Buffer;
  readonly signal: AbortSignal;
  readonly response: InvokeResult | undefined;
  readonly condition: Condition | 'functionGone';
  /** Of the last attempt. */
  readonly trace: TraceContext | undefined;
}

const reasons = {
  Success: 'it has succeeded',
  RetriesExhausted: 'it has failed too often',
  EventAgeExceeded: 'it is too old',
  functionGone: 'its function was deleted',
} as const;

async function drop(options: AsyncInvocationsOptions, event: EndedEvent): Promise<Verdict> {
  const { lane, head, attempts } = event.message;
  options.log.warn(
    { function: lane, requestId: head.requestId, attempts },
    `an asynchronous invocation was discarded: ${reasons[event.condition]}`,
  );
  await report(options, event);
  options.metrics.add(lane, 'AsyncEventsDropped', 1);
  return { type: 'settled' };
}

/**
 * Sends the record of an invocation to its destinations. The invocation is settled when the record is durable: a crash
 * in between runs it again, and loses nothing.
 */
async function report(options: AsyncInvocationsOptions, event: EndedEvent): Promise<void> {
  const { settingsOf, deadLetterTargetOf, actorOf, destinations, functionArn, clock } = options;
  const { message, payload, response, condition, signal, trace } = event;
  const { lane, head, attempts } = message;
  if (condition === 'functionGone') return;
  const isSuccess = condition === 'Success';
  const { onSuccess, onFailure } = settingsOf(lane, head.qualifier);
  const finished: FinishedEvent = {
    requestId: head.requestId,
    functionName: lane,
    functionArn: `${functionArn(lane)}:${head.qualifier ?? '$LATEST'}`,
    condition,
    invokeCount: attempts + (response === undefined ? 0 : 1),
    requestPayload: payload,
    response,
    nowMs: clock.now(),
    recordId: randomUUID(),
  };
  const { requestId, qualifier } = head;
  const actor = actorOf(lane, qualifier);
  const info = {
    functionName: lane,
    requestId,
    ...(qualifier !== undefined && { qualifier }),
    ...(actor !== undefined && { actor }),
  };
  const destination = isSuccess ? onSuccess : onFailure;
  if (destination !== undefined) {
    const record = { ...invocationRecord(finished), trace };
    await destinations.send({ ...info, destination, kind: 'destination' }, record, signal);
  }
  const deadLetters = isSuccess ? undefined : deadLetterTargetOf(lane, head.qualifier);
  if (deadLetters === undefined) return;
  const letter = { ...deadLetter(finished), trace };
  await destinations.send({ ...info, destination: deadLetters, kind: 'deadLetter' }, letter, signal);
}
