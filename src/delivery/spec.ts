import type { StreamRecord, StreamSource } from '../consumers/source.ts';

/** What a service defines for a delivery: source, target, keys and format. */
export interface DeliverySpec {
  /** Unique and never reused: checkpoints and ranges are stored under it, and objects carry it. */
  readonly id: string;
  /** A description for users, in the log. */
  readonly called: string;
  readonly source: StreamSource;
  /** Name or ARN. */
  readonly stream: string;
  /** The maximum age of a record, by arrival, before it is delivered. */
  readonly freshnessMs: number;
  readonly bucket: string;
  readonly compression: Compression;
  /** The object key of a range: always the same for one range, and different for any other. */
  keyOf(range: RangeStart): string;
  /** The text of a record in the object, or the reason why it is refused. */
  sort(record: StreamRecord): Sorted;
  readonly refused: {
    readonly bucket: string;
    /** Like `keyOf`; never the same key, even in the same bucket. */
    keyOf(range: RangeStart): string;
    /** The entry for a refused record. */
    write(record: StreamRecord, shardId: string, reason: string): string;
  };
  readonly metrics: { readonly namespace: string; readonly dimensions: Readonly<Record<string, string>> };
}

export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

/** Where an object's records begin. */
export interface RangeStart {
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly firstArrivalMs: number;
}

export type Sorted =
  | { readonly parts: readonly Uint8Array[]; readonly refusal?: undefined }
  | { readonly refusal: string };
