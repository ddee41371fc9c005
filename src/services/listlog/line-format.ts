import { parseJsonPath, valueAt, type JsonPath } from './json-path.ts';
import { TimePatternError, timeFormatter, type TimeFormatter } from '../../support/time-pattern.ts';

export const DEFAULT_LINE_FORMAT = '{time:yyyy/MM/dd HH:mm:ss.SSS},{message}';

/** The record that a line is made from; the time is its arrival. */
export interface LineRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly shardId: string;
  readonly arrivalMs: number;
  readonly data: Uint8Array;
}

export interface Line {
  /** Ends with a newline and contains no other. */
  readonly text: string;
  /** The record was not JSON, or lacked a field of the format: the line has its raw text instead of the fields. */
  readonly raw: boolean;
}

export class LineFormatError extends Error {
  override readonly name = 'LineFormatError';
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'time'; readonly format: TimeFormatter }
  | { readonly kind: 'field'; readonly path: JsonPath }
  | { readonly kind: 'data' | 'sequenceNumber' | 'partitionKey' | 'shardId' };

/**
 * Compiles a line format. It may contain `{time:<pattern>}`, `{data}` (the record's text), `{sequenceNumber}`,
 * `{partitionKey}`, `{shardId}` and paths to fields of the record's JSON (`{user.name}`; `{$.data}` for a field with
 * a reserved name); `{{` and `}}` are literal braces. Throws LineFormatError.
 */
export function lineFormat(format: string, timeZone = 'UTC'): (record: LineRecord) => Line {
  const parts = parseFormat(format, timeZone);
  const fields = parts.filter((part) => part.kind === 'field');
  return (record) => {
    const values = fields.length === 0 ? [] : fieldValues(record, fields);
    const raw = values === undefined;
    // Instead of the fields: the raw text where the first field would be.
    const inserted = values ?? [textOf(record)];
    let at = 0;
    let line = '';
    for (const part of parts)
      line += part.kind === 'field' ? (inserted[at++] ?? '') : plainPart(part, record);
    return { text: `${oneLine(line)}\n`, raw };
  };
}

function plainPart(part: Exclude<Part, { kind: 'field' }>, record: LineRecord): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'time':
      return part.format(record.arrivalMs);
    case 'data':
      return textOf(record);
    case 'sequenceNumber':
    case 'partitionKey':
    case 'shardId':
      return record[part.kind];
  }
}

function fieldValues(
  record: LineRecord,
  fields: readonly { readonly path: JsonPath }[],
): string[] | undefined {
  const text = textOf(record);
  const root = parsed(text);
  if (root === undefined) return undefined;
  const values: string[] = [];
  for (const { path } of fields) {
    const value = valueAt(root.value, path);
    if (value === undefined) return undefined;
    values.push(fieldText(value, text, path));
  }
  return values;
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** Strings as they are, everything else as JSON. A number that a double cannot represent keeps its digits. */
function fieldText(value: unknown, text: string, path: JsonPath): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return JSON.stringify(value);
  const exact: unknown = JSON.parse(text, (_key, inner: unknown, context?: { source?: string }) =>
    typeof inner === 'number' && context?.source !== undefined ? new Source(context.source) : inner,
  );
  const source = valueAt(exact, path);
  return source instanceof Source ? source.text : JSON.stringify(value);
}

class Source {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function textOf(record: LineRecord): string {
  return Buffer.from(record.data.buffer, record.data.byteOffset, record.data.byteLength).toString('utf8');
}

/** A newline within a record would split its line. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll('\n', '\\n').replaceAll('\r', '\\r') : text;
}

function parseFormat(format: string, timeZone: string): Part[] {
  if (/[\r\n]/.test(format)) throw new LineFormatError('a line format has no line breaks of its own');
  const parts: Part[] = [];
  const token = /\{\{|\}\}|\{((?:[^{}'"]|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")*)\}|[{}]|[^{}]+/g;
  for (const [text, inner] of format.matchAll(token)) {
    if (text === '{{' || text === '}}') parts.push({ kind: 'text', text: text.slice(1) });
    else if (inner !== undefined) parts.push(placeholder(inner, timeZone));
    else if (text === '{' || text === '}') {
      throw new LineFormatError(
        `a single ${text} in a line format; write ${text}${text} for the character itself`,
      );
    } else parts.push({ kind: 'text', text });
  }
  return parts;
}

function placeholder(inner: string, timeZone: string): Part {
  if (inner === 'data' || inner === 'sequenceNumber' || inner === 'partitionKey' || inner === 'shardId') {
    return { kind: inner };
  }
  if (inner === 'time' || inner.startsWith('time:')) {
    const pattern = inner === 'time' ? "yyyy-MM-dd'T'HH:mm:ss.SSSXXX" : inner.slice('time:'.length);
    try {
      return { kind: 'time', format: timeFormatter(pattern, timeZone) };
    } catch (error) {
      if (error instanceof TimePatternError) throw new LineFormatError(error.message, { cause: error });
      throw error;
    }
  }
  const [, word = ''] = /^([^'"[\]:]*):/.exec(inner) ?? [];
  if (word !== '' || inner.startsWith(':')) {
    throw new LineFormatError(
      `{${inner}} in a line format: only {time:...} has a colon; write {['${inner}']} for a field of that name`,
    );
  }
  const path = parseJsonPath(inner);
  if (path === undefined) throw new LineFormatError(`{${inner}} in a line format is not a path into JSON`);
  return { kind: 'field', path };
}
