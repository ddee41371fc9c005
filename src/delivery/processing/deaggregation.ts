import { eachRecord } from './each.ts';
import { type Item, type Refusal, refusal, type Step } from './step.ts';

/** RecordDeAggregation: splits records that hold several, and numbers the parts within their source record. */
export function deaggregation(split: (data: Uint8Array) => readonly Uint8Array[] | Refusal): Step {
  const parts = eachRecord(({ record }) => {
    const split_ = split(record.data);
    if ('errorCode' in split_) return split_;
    return split_.map((data) => {
      const part = { ...record, data };
      return { record: part, original: part };
    });
  });
  return {
    async run(items, context) {
      const { items: split_, refused } = await parts.run(items, context);
      return { items: numbered(split_), refused };
    },
  };
}

function numbered(items: readonly Item[]): Item[] {
  let last = '';
  let next = 0;
  return items.map(({ record }) => {
    if (record.sequenceNumber !== last) next = 0;
    last = record.sequenceNumber;
    const part = { ...record, subSequenceNumber: next++ };
    return { record: part, original: part };
  });
}

export function splitDelimited(delimiter: Uint8Array): (data: Uint8Array) => readonly Uint8Array[] {
  return (data) => {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const parts: Uint8Array[] = [];
    let start = 0;
    while (start < bytes.length) {
      const found = bytes.indexOf(delimiter, start);
      const end = found === -1 ? bytes.length : found;
      if (end > start) parts.push(bytes.subarray(start, end));
      start = end + delimiter.length;
    }
    return parts;
  };
}

const NOT_JSON = refusal(
  'DynamicPartitioning.RecordDeAggregationFailed',
  'The record is not a sequence of JSON objects.',
);

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const [QUOTE, BACKSLASH, OPEN, CLOSE, OPEN_ARRAY, CLOSE_ARRAY] = Buffer.from(String.raw`"\{}[]`);

/**
 * Splits consecutive JSON objects, with or without whitespace between them. Only finds where objects end; their
 * contents are parsed when needed.
 */
export function splitJson(data: Uint8Array): readonly Uint8Array[] | Refusal {
  const parts: Uint8Array[] = [];
  let start = -1;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < data.length; at++) {
    const byte = data[at] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE && depth > 0) inString = true;
    else if (byte === OPEN || (byte === OPEN_ARRAY && depth > 0)) {
      if (depth++ === 0) start = at;
    } else if ((byte === CLOSE || byte === CLOSE_ARRAY) && depth > 0) {
      if (--depth > 0) continue;
      if (byte !== CLOSE) return NOT_JSON;
      parts.push(data.subarray(start, at + 1));
    } else if (depth === 0 && !SPACES.has(byte)) return NOT_JSON;
  }
  return depth === 0 ? parts : NOT_JSON;
}
