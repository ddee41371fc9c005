import { plain } from '../output/plain.ts';
import { usageError } from '../terminal.ts';
import { type ShownPart, shownParts } from './decoded.ts';
import type { ReadRecord } from './record.ts';

type Part = (shardId: string, record: ReadRecord) => string;

export const FORMAT_HELP =
  '%t arrival time, %s sequence number, %h shard, %k partition key, %v data, %d decoded data, %b data in base64, %x data in hex, %S bytes of data, %%; and \\n, \\t, \\0, \\\\';

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' };

/**
 * Compiles the text of `--format`. A terminal obeys what records contain, so that there it is written with escapes.
 * Throws CommandError.
 */
export function compileFormat(format: string, isForTerminal: boolean): Part {
  const safe = isForTerminal ? plain : asLatin1;
  const parts: Record<string, Part> = {
    t: (_, { ApproximateArrivalTimestamp: at }) => new Date(Math.round(at * 1000)).toISOString(),
    s: (_, { SequenceNumber }) => SequenceNumber,
    h: (shardId) => shardId,
    k: (_, { PartitionKey }) => safe(PartitionKey),
    // As bytes in latin1: they are written as they are.
    v: (_, { Data }) =>
      isForTerminal ? plain(textOf(Data)) : Buffer.from(Data, 'base64').toString('latin1'),
    d: (_, record) =>
      safe(
        shownParts(record)
          .map(({ text }) => text)
          .join(' '),
      ),
    b: (_, { Data }) => Data,
    x: (_, { Data }) => Buffer.from(Data, 'base64').toString('hex'),
    S: (_, { Data }) => String(Buffer.byteLength(Data, 'base64')),
    '%': () => '%',
  };
  const compiled = [...format.matchAll(/%(.?)|\\(.?)|[^%\\]+/gs)].map(([text, name, escape]): Part => {
    const part = name === undefined ? undefined : parts[name];
    if (part !== undefined) return part;
    const escaped = escape === undefined ? text : ESCAPES[escape];
    if (name === undefined && escaped !== undefined) {
      const literal = isForTerminal ? escaped : asLatin1(escaped);
      return () => literal;
    }
    throw usageError(`--format has "${text}", which means nothing`, `there are ${FORMAT_HELP}`);
  });
  return (shardId, record) => compiled.map((part) => part(shardId, record)).join('');
}

/** The bytes of a text as a string of them: data that are no text are written beside it. */
function asLatin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function textOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

/**
 * What is shown unless `--format` is given: columns for a person, and the same with tabs for a program. Of an aggregated
 * record, each of its records has a line.
 */
export function defaultLine(shardId: string, record: ReadRecord, options: LineOptions): string {
  const parts = options.decode
    ? shownParts(record)
    : [{ key: record.PartitionKey, text: plain(textOf(record.Data)) }];
  return parts.map(({ key, text }) => lineOf(shardId, record, { key: plain(key), text }, options)).join('');
}

export interface LineOptions {
  readonly isForTerminal: boolean;
  readonly decode: boolean;
}

function lineOf(
  shardId: string,
  record: ReadRecord,
  { key, text }: ShownPart,
  { isForTerminal }: LineOptions,
): string {
  const time = new Date(Math.round(record.ApproximateArrivalTimestamp * 1000)).toISOString();
  if (!isForTerminal) return `${[time, shardId, record.SequenceNumber, key, text].join('\t')}\n`;
  const shard = shardId.replace(/^shardId-0*(?=\d)/, '').padStart(3);
  return `${[time, shard, key, text].join('  ')}\n`;
}
