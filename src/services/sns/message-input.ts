import type { MessageAttributeValue, PublishBatchRequestEntry } from '@aws-sdk/client-sns';
import type { Checked } from '../../protocol/service.ts';
import { invalidParameter, parameterValueInvalid } from './errors.ts';
import { snsLimits } from './limits.ts';
import type { MessageAttribute } from './notification.ts';
import type { Message } from './publisher.ts';
import { type Protocol, protocolNames } from './topic.ts';

type MessageInput = Pick<
  Checked<PublishBatchRequestEntry>,
  | 'Message'
  | 'Subject'
  | 'MessageStructure'
  | 'MessageAttributes'
  | 'MessageDeduplicationId'
  | 'MessageGroupId'
>;

/** Checks a message of Publish or PublishBatch. Throws InvalidParameter, ParameterValueInvalid. */
export function parseMessage(input: MessageInput): Message {
  if (input.MessageDeduplicationId !== undefined) {
    throw invalidParameter(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  checkGroupId(input.MessageGroupId);
  if (input.Message === '') throw invalidParameter('Empty message');
  checkSubject(input.Subject);
  const attributes = parseAttributes(input.MessageAttributes);
  if (messageBytes(input) > snsLimits.messageBytesMax) throw invalidParameter('Message too long');
  return { ...parseStructure(input), subject: input.Subject, attributes, groupId: input.MessageGroupId };
}

/** The size that counts against the limit of a message and of a batch. */
export function messageBytes({ Message, MessageAttributes }: MessageInput): number {
  let bytes = Buffer.byteLength(Message);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(MessageAttributes ?? {})) {
    const value = BinaryValue?.length ?? Buffer.byteLength(StringValue ?? '');
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + value;
  }
  return bytes;
}

/** On a standard topic it is meant for subscribed fair queues; on AWS, HTTP endpoints and functions do not see it. */
function checkGroupId(groupId: string | undefined): void {
  if (groupId === undefined) return;
  const isValid = /^[!-~]+$/.test(groupId) && groupId.length <= snsLimits.messageGroupIdCharactersMax;
  if (!isValid) throw invalidParameter('MessageGroupId');
}

function checkSubject(subject: string | undefined): void {
  if (subject === undefined) return;
  if (subject === '' || subject.length > snsLimits.subjectCharactersMax) throw invalidParameter('Subject');
  // oxlint-disable-next-line no-control-regex -- AWS's own rule
  if (/[\u0000-\u001f\u007f]/.test(subject) || /^\s/.test(subject)) throw invalidParameter('Subject');
}

function parseStructure({ Message, MessageStructure }: MessageInput): Pick<Message, 'message' | 'messageOf'> {
  if (MessageStructure === undefined) return { message: Message, messageOf: undefined };
  if (MessageStructure !== 'json') throw invalidParameter('MessageStructure');
  let given: unknown;
  try {
    given = JSON.parse(Message);
  } catch {
    throw invalidParameter('Message Structure - JSON message body failed to parse');
  }
  const texts = new Map(typeof given === 'object' && given !== null ? Object.entries(given) : []);
  const message: unknown = texts.get('default');
  if (typeof message !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  const messageOf: Partial<Record<Protocol, string>> = {};
  for (const protocol of protocolNames) {
    const text: unknown = texts.get(protocol);
    if (typeof text === 'string') messageOf[protocol] = text;
  }
  return { message, messageOf };
}

function parseAttributes(
  given: Readonly<Record<string, Checked<MessageAttributeValue>>> | undefined,
): Readonly<Record<string, MessageAttribute>> | undefined {
  const entries = Object.entries(given ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAttribute(name, value)]));
}

function parseAttribute(name: string, given: Checked<MessageAttributeValue>): MessageAttribute {
  const { DataType: type, StringValue: text, BinaryValue: bytes } = given;
  checkAttributeName(name);
  if (!/^(String|Number|Binary)(\..+)?$/.test(type)) {
    throw parameterValueInvalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  if (type.startsWith('Binary')) {
    if (bytes === undefined && text !== undefined) throw wrongField(name, type, 'Binary');
    if (bytes === undefined || bytes.length === 0) throw emptyAttribute(name, type);
    return { Type: type, Value: Buffer.from(bytes).toString('base64') };
  }
  if (text === undefined && bytes !== undefined) throw wrongField(name, type, 'String');
  if (text === undefined || text === '') throw emptyAttribute(name, type);
  if (type.startsWith('Number') && (text.trim() === '' || !Number.isFinite(Number(text)))) {
    throw parameterValueInvalid(`Could not cast message attribute '${name}' value to number.`);
  }
  return { Type: type, Value: text };
}

/** The rules of SNS's guide "message attributes", with AWS's messages. */
function checkAttributeName(name: string): void {
  if (name.length > snsLimits.messageAttributeNameCharactersMax) {
    throw parameterValueInvalid('Length of message attribute name must be less than 256 bytes.');
  }
  for (const [place, isThere] of [
    ['starting', name.startsWith('.')],
    ['ending', name.endsWith('.')],
  ] as const) {
    if (isThere) {
      throw parameterValueInvalid(`Invalid message attribute name ${place} with character '.' was found.`);
    }
  }
  const wrong = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase();
    throw parameterValueInvalid(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.includes('..')) {
    throw parameterValueInvalid("Message attribute name can not have successive '.' character.");
  }
  if (name === '' || /^(AWS|Amazon)\./i.test(name)) {
    throw parameterValueInvalid(`The message attribute name '${name}' is invalid.`);
  }
}

function wrongField(name: string, type: string, field: 'Binary' | 'String'): Error {
  return parameterValueInvalid(
    `The message attribute '${name}' with type '${type}' must use field '${field}'.`,
  );
}

function emptyAttribute(name: string, type: string): Error {
  return parameterValueInvalid(
    `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
  );
}
