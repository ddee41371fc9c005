import type { StreamRecord } from '../consumers/source.ts';
import { type Decoded, decodePayload } from '../decode/decode.ts';
import type { Filterable } from './filter.ts';
import { consoleLimits } from './limits.ts';

/** A record in a list; short names, because thousands of them are sent each second. */
export interface RecordRow {
  readonly shard: string;
  readonly seq: string;
  readonly time: number;
  readonly key: string;
  readonly size: number;
  readonly text: string;
  readonly format: string;
  /** The layers that were removed: `gzip`, `KPL 40`. */
  readonly chain: readonly string[];
}

export function rowOf(record: StreamRecord, shard: string, decoded = previewOf(record.data)): RecordRow {
  const [first] = decoded.parts;
  return {
    shard,
    seq: record.sequenceNumber,
    time: record.arrivalMs,
    key: record.partitionKey,
    size: record.data.length,
    text: shortened(first?.text ?? ''),
    format: first?.format ?? 'empty',
    chain: chainOf(decoded),
  };
}

export function chainOf({ steps, parts, partCount }: Decoded): string[] {
  const own = parts.length === 1 ? (parts[0]?.steps ?? []) : [];
  return [...steps, ...own].map(({ name }) => (name === 'KPL' ? `KPL ${partCount}` : name));
}

/** Large records are not decoded for a list: their beginning is shown if it is text. */
function previewOf(data: Uint8Array): Decoded {
  if (data.length <= consoleLimits.previewBytesMax) return decodePayload(data);
  const beginning = decodePayload(data.subarray(0, consoleLimits.previewCharactersMax));
  return { ...beginning, steps: [] };
}

export function shortened(text: string): string {
  const { previewCharactersMax: max } = consoleLimits;
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

/** Decodes a record when a filter needs it. */
export class FilteredRecord implements Filterable {
  readonly key: string;
  readonly shard: string;
  readonly size: number;
  readonly timeMs: number;
  readonly #data: Uint8Array;
  #decoded: Decoded | undefined;

  constructor({ partitionKey, data, arrivalMs }: StreamRecord, shard: string) {
    this.key = partitionKey;
    this.shard = shard;
    this.size = data.length;
    this.timeMs = arrivalMs;
    this.#data = data;
  }

  get decoded(): Decoded {
    return (this.#decoded ??= decodePayload(this.#data));
  }

  readonly text = (): string => this.decoded.parts.map((part) => part.text).join('\n');

  readonly value = (): unknown => this.decoded.parts[0]?.value;
}
