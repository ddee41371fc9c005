import type { StreamRecord, StreamSource } from '../consumers/source.ts';

/** What is delivered from where to where: the words of the service that a delivery is made for. */
export interface DeliverySpec {
  /** Unique and never used again: positions and intents are kept under it, objects carry it. */
  readonly id: string;
  /** For the server's log: what its user calls it. */
  readonly called: string;
  readonly source: StreamSource;
  /** Name or ARN. */
  readonly stream: string;
  /** The greatest age, by arrival, that a record reaches before it is delivered. */
  readonly freshnessMs: number;
  readonly bucket: string;
  readonly compression: Compression;
  /** The object of a range of records; always the same for the same range, and no two ranges' are the same. */
  keyOf(range: RangeStart): string;
  /** What goes into the object for a record, or why it does not. */
  sort(record: StreamRecord): Sorted;
  readonly refused: {
    readonly bucket: string;
    /** As `keyOf`; another one even in the same bucket. */
    keyOf(range: RangeStart): string;
    /** What is kept of a refused record. */
    write(record: StreamRecord, shardId: string, reason: string): string;
  };
  readonly metrics: { readonly namespace: string; readonly dimensions: Readonly<Record<string, string>> };
}

export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

/** Where the records of an object begin. */
export interface RangeStart {
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly firstArrivalMs: number;
}

export type Sorted =
  | { readonly parts: readonly Uint8Array[]; readonly refusal?: undefined }
  | { readonly refusal: string };
