import { hash } from 'node:crypto';
import type { SendMessageBatchRequestEntry } from '@aws-sdk/client-sqs';
import type { OutgoingMessage } from '../../queue/leased/contract.ts';
import type { Checked } from '../../protocol/service.ts';
import { type TraceContext, xrayOf } from '../../support/trace-context.ts';
import {
  invalidMessageContents,
  invalidParameter,
  invalidValue,
  missingParameter,
  notForThisType,
} from './errors.ts';
import { sqsLimits } from './limits.ts';
import {
  attributeBytes,
  digestOf,
  type GivenAttributes,
  invalidCharacter,
  type MessageAttributes,
  parseAttributes,
} from './message-attributes.ts';
import { type MessageIds, newMessageId } from './message-id.ts';
import { attributesOf, isFifo, numberOf, type Queue } from './queue.ts';

type Attributes = 'MessageAttributes' | 'MessageSystemAttributes';

/** A message as a request has it. The body is bytes if they are ASCII, and the same in JSON: then it is valid. */
export type MessageInput = Partial<
  Omit<Checked<SendMessageBatchRequestEntry>, 'Id' | 'MessageBody' | Attributes> &
    Record<'MessageBody', string | Uint8Array> &
    Record<Attributes, GivenAttributes>
>;

/** An entry of SendMessageBatch. */
export type BatchMessageInput = MessageInput & { readonly Id?: string };

/** What is stored beside a message's body. Members that are not there are left out. */
export interface MessageExtra {
  readonly attributes?: MessageAttributes;
  /** AWSTraceHeader. */
  readonly trace?: string;
  /** Of the user or role that sent it; absent for the account itself. */
  readonly sender?: string;
  /** Of the queue from which it came to this dead-letter queue. */
  readonly source?: string;
}

/** A message that may be sent, and what the response says about it. */
export interface ParsedMessage extends OutgoingMessage {
  readonly bytes: number;
  readonly attributesDigest: string | undefined;
  readonly systemAttributesDigest: string | undefined;
}

/** Where a message comes from. */
export interface MessageOrigin {
  /** Of the user or role that sent it; undefined for the account itself. */
  readonly sender?: string | undefined;
  /** Of the request or event. */
  readonly trace?: TraceContext | undefined;
  readonly newId?: MessageIds;
}

/** Checks a message for a queue. Throws SQS's errors. */
export function parseMessage(
  queue: Queue,
  input: MessageInput,
  { sender, trace, newId = newMessageId }: MessageOrigin = {},
): ParsedMessage {
  const { MessageBody: body, MessageAttributes, MessageSystemAttributes } = input;
  if (body === undefined || body.length === 0) throw missingParameter('MessageBody');
  const wrong = typeof body === 'string' ? invalidCharacter(body) : undefined;
  if (wrong !== undefined) throw invalidMessageContents(wrong);
  const attributes = parseAttributes(MessageAttributes, 'user');
  const system = parseSystemAttributes(MessageSystemAttributes);
  const bytes = bodyBytes(body) + attributeBytes(attributes);
  const bytesMax = numberOf(queue, 'MaximumMessageSize');
  if (bytes > bytesMax) {
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${bytesMax} bytes.`,
    );
  }
  const { groupId, deduplicationId, delayMs } = isFifo(queue)
    ? parseFifo(queue, input, body)
    : parseStandard(queue, input);
  const given = system?.['AWSTraceHeader']?.text;
  // As on AWS, the attribute counts before the header of the request.
  const header = given ?? (trace && xrayOf(trace));
  const digest = hash('md5', body, 'hex');
  return {
    id: newId(digest),
    digest,
    body,
    groupId,
    deduplicationId,
    delayMs,
    extra: extraOf({ attributes, trace: header, sender }),
    bytes,
    attributesDigest: attributes && digestOf(attributes),
    systemAttributesDigest: system && digestOf(system),
  };
}

/** What is stored; undefined when there is nothing. */
export function extraOf({ attributes, trace, sender, source }: PossibleExtra): string | undefined {
  if ((attributes ?? trace ?? sender ?? source) === undefined) return undefined;
  return JSON.stringify({ attributes, trace, sender, source });
}

type PossibleExtra = { readonly [Name in keyof MessageExtra]: MessageExtra[Name] | undefined };

/** The size that counts against the limit of a batch. */
export function sizeOf({ MessageBody: body = '', MessageAttributes }: MessageInput): number {
  let bytes = bodyBytes(body);
  if (MessageAttributes === undefined) return bytes;
  for (const [name, value] of Object.entries(MessageAttributes)) {
    const { DataType = '', StringValue = '', BinaryValue } = value;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue);
    bytes += BinaryValue?.length ?? 0;
  }
  return bytes;
}

function bodyBytes(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

function parseSystemAttributes(
  given: MessageInput['MessageSystemAttributes'],
): MessageAttributes | undefined {
  if (given === undefined) return undefined;
  for (const name of Object.keys(given)) {
    if (name === 'AWSTraceHeader') continue;
    throw invalidParameter(
      `Message system attribute name '${name}' is invalid. Valid names are: [AWSTraceHeader].`,
    );
  }
  const system = parseAttributes(given, 'system');
  const type = system?.['AWSTraceHeader']?.type ?? 'String';
  if (type !== 'String') {
    throw invalidParameter("Message system attribute 'AWSTraceHeader' must be of type 'String'.");
  }
  return system;
}

function parseStandard(queue: Queue, input: MessageInput) {
  const { DelaySeconds: delay, MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = input;
  if (deduplicationId !== undefined) throw notForThisType(deduplicationId, 'MessageDeduplicationId');
  if (groupId !== undefined) checkId(groupId, 'MessageGroupId');
  if (delay !== undefined && (delay < 0 || delay > sqsLimits.delaySecondsMax)) {
    throw invalidValue(delay, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  }
  const delaySeconds = delay ?? numberOf(queue, 'DelaySeconds');
  return { groupId, deduplicationId: undefined, delayMs: delaySeconds * 1000 };
}

function parseFifo(queue: Queue, input: MessageInput, body: string | Uint8Array) {
  const { DelaySeconds: delay, MessageGroupId: groupId } = input;
  // As on AWS, 0 is taken.
  if (delay !== undefined && delay !== 0) throw notForThisType(delay, 'DelaySeconds');
  if (groupId === undefined) throw missingParameter('MessageGroupId');
  checkId(groupId, 'MessageGroupId');
  return { groupId, deduplicationId: deduplicationIdOf(queue, input, body), delayMs: 0 };
}

function deduplicationIdOf(
  queue: Queue,
  { MessageDeduplicationId: id }: MessageInput,
  body: string | Uint8Array,
): string {
  if (id !== undefined) {
    checkId(id, 'MessageDeduplicationId');
    return id;
  }
  if (attributesOf(queue)['ContentBasedDeduplication'] === 'true') return hash('sha256', body);
  throw noDeduplicationId();
}

/** What a FIFO queue wants of all entries of a batch: AWS refuses the batch, not the entry. */
export function checkFifoBatch(queue: Queue, entries: readonly MessageInput[]): void {
  if (!isFifo(queue)) return;
  if (entries.some(({ MessageGroupId: id }) => id === undefined)) {
    throw invalidParameter('The request must contain the parameter MessageGroupId.');
  }
  const isByContent = attributesOf(queue)['ContentBasedDeduplication'] === 'true';
  if (!isByContent && entries.some(({ MessageDeduplicationId: id }) => id === undefined))
    throw noDeduplicationId();
}

function noDeduplicationId(): Error {
  return invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  );
}

function checkId(id: string, parameter: string): void {
  if (/^[!-~]+$/.test(id) && id.length <= sqsLimits.groupIdCharactersMax) return;
  throw invalidValue(
    id,
    parameter,
    `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}
