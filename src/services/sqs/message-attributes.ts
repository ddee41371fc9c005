import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Checked } from '../../protocol/service.ts';
import { invalidParameter } from './errors.ts';
import { sqsLimits } from './limits.ts';

/** An attribute as it is stored, in JSON: a value of a type, a text or bytes in base64. */
export interface MessageAttribute {
  readonly type: string;
  readonly text?: string;
  readonly base64?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

type GivenAttribute = Partial<Checked<MessageAttributeValue>>;

/** Attributes as a request has them; nothing of them was checked. */
export type GivenAttributes = Readonly<Record<string, GivenAttribute>>;

/** `Message (user)` or `Message (system)`, as AWS's messages begin. */
type Kind = 'user' | 'system';

/** Throws InvalidParameterValue with AWS's words. Undefined without attributes. */
export function parseAttributes(
  given: GivenAttributes | undefined,
  kind: Kind,
): MessageAttributes | undefined {
  if (given === undefined) return undefined;
  const entries = Object.entries(given);
  if (entries.length === 0) return undefined;
  if (entries.length > sqsLimits.messageAttributesMax) {
    throw invalidParameter(
      `Number of message attributes [${entries.length}] exceeds the allowed maximum [${sqsLimits.messageAttributesMax}].`,
    );
  }
  return Object.fromEntries(entries.map(([name, value]) => [name, parseAttribute(name, value, kind)]));
}

function parseAttribute(name: string, given: GivenAttribute, kind: Kind): MessageAttribute {
  const { DataType: type, StringValue: text, BinaryValue: bytes } = given;
  if (kind === 'user') checkName(name);
  const subject = `Message (${kind}) attribute '${name}'`;
  if (given.StringListValues !== undefined || given.BinaryListValues !== undefined) {
    throw invalidParameter('Message attribute list values in SendMessage operation are not supported.');
  }
  if (type === undefined || type === '') {
    throw invalidParameter(`${subject} must contain a non-empty message attribute type.`);
  }
  if (type.length > sqsLimits.attributeNameCharactersMax) {
    throw invalidParameter('Length of message attribute type must be less than 256 bytes.');
  }
  if (!/^(String|Number|Binary)(\..+)?$/.test(type)) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const [base = ''] = type.split('.');
  const value = base === 'Binary' ? bytes : text;
  const other = base === 'Binary' ? text : bytes;
  if (other !== undefined) {
    throw invalidParameter(
      `The message attribute '${name}' with type '${type}' must use field '${base === 'Binary' ? 'Binary' : 'String'}'.`,
    );
  }
  if (value === undefined || value.length === 0) {
    throw invalidParameter(`${subject} must contain a non-empty value of type '${type}'.`);
  }
  if (typeof value !== 'string') return { type, base64: Buffer.from(value).toString('base64') };
  if (base === 'Number' && (value.trim() === '' || !Number.isFinite(Number(value)))) {
    throw invalidParameter(`Can't cast the value of ${subject.toLowerCase()} to a number.`);
  }
  checkText(value, name);
  return { type, text: value };
}

/** The rules of "Amazon SQS message attributes" in AWS's guide. */
function checkName(name: string): void {
  if (name.length > sqsLimits.attributeNameCharactersMax) {
    throw invalidParameter('Length of message attribute name must be less than 256 bytes.');
  }
  if (name === '' || /^(AWS|Amazon)\./i.test(name)) {
    throw invalidParameter(
      `The message attribute name '${name}' is invalid. Attribute name cannot start with AWS. or Amazon.`,
    );
  }
  const wrong = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16);
    throw invalidParameter(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidParameter(
      `Invalid message attribute name '${name}': a dot must be between other characters.`,
    );
  }
}

function checkText(text: string, name: string): void {
  const wrong = invalidCharacter(text);
  if (wrong === undefined) return;
  throw invalidParameter(
    `Invalid binary character '#x${wrong.toString(16)}' was found in the message attribute '${name}' value, the set of allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF`,
  );
}

// oxlint-disable-next-line no-control-regex -- AWS's own rule
const INVALID = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/u;

/** The first character that neither a body nor a text attribute may have. */
export function invalidCharacter(text: string): number | undefined {
  return INVALID.test(text) ? INVALID.exec(text)?.[0].codePointAt(0) : undefined;
}

/** What the attributes add to the size of a message: names, types and values. */
export function attributeBytes(attributes: MessageAttributes | undefined): number {
  if (attributes === undefined) return 0;
  let bytes = 0;
  for (const [name, { type, text = '', base64 = '' }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(type);
    bytes += Buffer.byteLength(text) + Buffer.byteLength(base64, 'base64');
  }
  return bytes;
}

const TEXT = Buffer.from([1]);
const BINARY = Buffer.from([2]);

/** The MD5 with which clients verify attributes ("Calculating the MD5 message digest" in AWS's guide). */
export function digestOf(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const [name, { type, text, base64 }] of Object.entries(attributes).sort(byName)) {
    add(Buffer.from(name));
    add(Buffer.from(type));
    hash.update(base64 === undefined ? TEXT : BINARY);
    add(base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64'));
  }
  return hash.digest('hex');
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

/** Attributes as a response has them. */
export function attributesOutput(attributes: MessageAttributes): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, text, base64 }]) => [
      name,
      base64 === undefined
        ? { StringValue: text, DataType: type }
        : { BinaryValue: Buffer.from(base64, 'base64'), DataType: type },
    ]),
  );
}

/** Those that ReceiveMessage asks for: by name, by `prefix.*`, or `All`. */
export function chosenAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const isChosen = (name: string): boolean =>
    names.some((wanted) => {
      if (wanted === 'All' || wanted === '.*') return true;
      return wanted.endsWith('.*') ? name.startsWith(wanted.slice(0, -2)) : name === wanted;
    });
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isChosen(name)));
}
