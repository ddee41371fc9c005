import type { Message, MessageSystemAttributeName } from '@aws-sdk/client-sqs';
import type { ReceivedMessage } from '../../queue/leased/contract.ts';
import { unknownAttribute } from './errors.ts';
import { attributesOutput, chosenAttributes, digestOf } from './message-attributes.ts';
import { messageIdText } from './message-id.ts';
import type { MessageExtra } from './message-input.ts';
import { extraIn } from './open-queue.ts';
import { sequenceNumber } from './sending.ts';

interface Source {
  readonly extra: MessageExtra;
  readonly accountId: string;
  readonly isFifo: boolean;
}

/** The system attributes of a message, each as text; undefined for one that it does not have. */
const systemAttributes = {
  SenderId: (_message, { extra, accountId }) => extra.sender ?? accountId,
  SentTimestamp: ({ sentMs }) => String(sentMs),
  ApproximateReceiveCount: ({ receiveCount }) => String(receiveCount),
  ApproximateFirstReceiveTimestamp: ({ firstReceivedMs }) => String(firstReceivedMs),
  SequenceNumber: ({ number }, { isFifo }) => (isFifo ? sequenceNumber(number) : undefined),
  MessageDeduplicationId: ({ message }) => message.deduplicationId,
  MessageGroupId: ({ message }) => message.groupId,
  AWSTraceHeader: (_message, { extra }) => extra.trace,
  DeadLetterQueueSourceArn: (_message, { extra }) => extra.source,
} satisfies Record<
  Exclude<MessageSystemAttributeName, 'All'>,
  (message: ReceivedMessage, source: Source) => string | undefined
>;

type SystemName = keyof typeof systemAttributes;

const allNames = Object.keys(systemAttributes) as SystemName[];

/** Which system attributes a request asks for. Throws InvalidAttributeName. */
export function chosenSystemAttributes(names: readonly string[]): readonly SystemName[] {
  const chosen: SystemName[] = [];
  for (const name of names) {
    if (name === 'All') return allNames;
    const known = allNames.find((one) => one === name);
    if (known === undefined) throw unknownAttribute(name);
    chosen.push(known);
  }
  return chosen;
}

export interface OutputOptions extends Omit<Source, 'extra'> {
  readonly system: readonly SystemName[];
  /** MessageAttributeNames of the request. */
  readonly names: readonly string[];
}

/** A message as ReceiveMessage returns it. */
export function messageOutput(received: ReceivedMessage, options: OutputOptions): Message {
  const { message, receiptHandle } = received;
  return {
    MessageId: messageIdText(message.id),
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.digest,
    Body: message.body.toString(),
    ...wantedAttributes(received, options),
  };
}

type WantedAttributes = Pick<Message, 'Attributes' | 'MessageAttributes' | 'MD5OfMessageAttributes'>;

/** What a request wants to know of a message besides its body; undefined if it wants nothing. */
export function wantedAttributes(
  received: ReceivedMessage,
  options: OutputOptions,
): WantedAttributes | undefined {
  const { system, names } = options;
  if (system.length === 0 && names.length === 0) return undefined;
  const output: WantedAttributes = {};
  const extra = extraIn(received.message);
  if (system.length > 0) output.Attributes = systemOutput(received, system, { ...options, extra });
  if (extra.attributes !== undefined && names.length > 0) {
    const chosen = chosenAttributes(extra.attributes, names);
    output.MessageAttributes = attributesOutput(chosen);
    // As recorded on AWS, there is no digest of nothing.
    if (Object.keys(chosen).length > 0) output.MD5OfMessageAttributes = digestOf(chosen);
  }
  return output;
}

function systemOutput(
  received: ReceivedMessage,
  names: readonly SystemName[],
  source: Source,
): Partial<Record<SystemName, string>> {
  const output: Partial<Record<SystemName, string>> = {};
  for (const name of names) {
    const value = systemAttributes[name](received, source);
    if (value !== undefined) output[name] = value;
  }
  return output;
}
