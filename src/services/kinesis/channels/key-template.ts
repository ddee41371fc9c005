import { timeFormatter } from '../../../support/time-pattern.ts';
import { invalidArgument } from '../errors.ts';
import { COMPRESSIONS } from '../../../delivery/compress.ts';
import type { RangeStart } from '../../../delivery/object-destination.ts';
import type { BucketChannelRow, ChannelRow } from './rows.ts';

/**
 * The keys of delivered objects: https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-key-template.html.
 * Times are UTC. AWS documents neither which time they are nor the form of its unique suffix. Here the time is the
 * arrival of the object's first record, and the suffix, before the extension, is that record's channel, shard and
 * sequence number: the same records always get the same key.
 */
export const DEFAULT_KEY_TEMPLATE =
  'kinesis-channel/!{channel-name}/!{channel-id}/!{yyyy}/!{MM}/!{dd}/!{HH}/' +
  '!{channel-name}-!{channel-id}-!{yyyy}-!{MM}-!{dd}-!{HH}-!{mm}!{extension}';

const VARIABLE = /!\{([^{}]*)\}/g;
const CHARACTERS = /^[0-9A-Za-z!\-_'.*()/=:{}]+$/;
const LITERAL_EXTENSION = /^extension:(\.[0-9A-Za-z.]+)$/;
const KEY_BYTES_MAX = 1024;

type Named = Pick<ChannelRow, 'id' | 'name' | 'deadLetters'> & {
  readonly stream: { readonly name: string };
};

type Templated = Pick<BucketChannelRow, 'id' | 'name' | 'storage'> & {
  readonly stream: { readonly name: string };
};

type Variable = (channel: Templated, atMs: number) => string;

function time(pattern: string): Variable {
  const format = timeFormatter(pattern, 'UTC');
  return (_, atMs) => format(atMs);
}

const variables: Readonly<Record<string, Variable>> = {
  'channel-name': ({ name }) => name,
  'channel-id': ({ id }) => id,
  'stream-name': ({ stream }) => stream.name,
  ...Object.fromEntries(['yyyy', 'yy', 'MM', 'dd', 'HH', 'mm'].map((pattern) => [pattern, time(pattern)])),
};

const deadLetterTime = timeFormatter('yyyy/MM/dd/HH', 'UTC');

/** The key of the object that begins with a record. */
export function objectKey(channel: Templated, range: RangeStart): string {
  const { keyTemplate, compression } = channel.storage;
  const { body, extension } = divide(keyTemplate);
  const key = body.replace(
    VARIABLE,
    (_, name: string) => variables[name]?.(channel, range.firstArrivalMs) ?? '',
  );
  return `${key}-${suffix(channel, range)}${extension ?? COMPRESSIONS[compression].extension}`;
}

/** The key of the dead-letter object: the records of a range that do not have the channel's format. */
export function deadLetterKey(channel: Named, range: RangeStart): string {
  const time = deadLetterTime(range.firstArrivalMs);
  return `${channel.deadLetters.prefix}${time}/${channel.name}-${suffix(channel, range)}.json`;
}

/** Throws InvalidArgumentException for an invalid template. */
export function checkKeyTemplate(channel: Templated): void {
  const { keyTemplate, compression } = channel.storage;
  const wrong = (what: string) => invalidArgument(`OutputKeyTemplate ${keyTemplate} is invalid: ${what}.`);
  if (!CHARACTERS.test(keyTemplate)) throw wrong('it has characters that are not allowed');
  const bare = keyTemplate.replaceAll(VARIABLE, '');
  if (bare.includes('!{') || bare.includes('{') || bare.includes('}'))
    throw wrong('its braces are unbalanced');
  if (/^\/|\/$/.test(keyTemplate)) throw wrong('it begins or ends with /');
  if (bare.split('/').some((part) => part === '.' || part === '..')) {
    throw wrong('it has . or .. as a part of its path');
  }
  const { body } = divide(keyTemplate);
  for (const [, name = ''] of body.matchAll(VARIABLE)) {
    if (name === 'extension' || LITERAL_EXTENSION.test(name)) throw wrong('!{extension} is not at its end');
    if (!Object.hasOwn(variables, name)) throw wrong(`!{${name}} is not a variable`);
  }
  if (compression !== 'NONE' && body === keyTemplate) {
    throw wrong('it must end with !{extension} when objects are compressed');
  }
  checkKeyLength(objectKey(channel, LONGEST), 'OutputKeyTemplate');
}

export function checkDeadLetterPrefix(channel: Named): void {
  const { prefix } = channel.deadLetters;
  if (!/^[0-9A-Za-z!\-_'.*()/]{1,512}$/.test(prefix)) {
    throw invalidArgument(
      `ErrorOutputPrefix ${prefix} has characters that are not allowed, or not 1 to 512.`,
    );
  }
  if (prefix.startsWith('/') || prefix.split('/').some((part) => part === '.' || part === '..')) {
    throw invalidArgument(`ErrorOutputPrefix ${prefix} is not the beginning of a key.`);
  }
  checkKeyLength(deadLetterKey(channel, LONGEST), 'ErrorOutputPrefix');
}

const LONGEST: RangeStart = {
  shardId: 'shardId-000000000000',
  firstSequenceNumber: '0'.repeat(56),
  firstArrivalMs: 0,
};

function checkKeyLength(key: string, name: string): void {
  if (Buffer.byteLength(key) <= KEY_BYTES_MAX) return;
  throw invalidArgument(`${name} is too long: keys made by it have more than ${KEY_BYTES_MAX} bytes.`);
}

/** `extension` is undefined if it is the compression's or there is none. */
function divide(template: string): { readonly body: string; readonly extension: string | undefined } {
  const start = template.lastIndexOf('!{');
  const last = start === -1 || !template.endsWith('}') ? '' : template.slice(start + 2, -1);
  const literal = LITERAL_EXTENSION.exec(last)?.[1];
  if (last === 'extension' || literal !== undefined)
    return { body: template.slice(0, start), extension: literal };
  return { body: template, extension: '' };
}

function suffix(channel: Pick<ChannelRow, 'id'>, { shardId, firstSequenceNumber }: RangeStart): string {
  return `${channel.id.slice(0, 8)}-${shardId.slice('shardId-'.length)}-${firstSequenceNumber}`;
}
