import type { StatisticSet } from './statistic-set.ts';

/**
 * The two kinds of records that metrics are kept in, little-endian throughout.
 *
 * A block, in a metric's own logs, is any number of buckets:
 *   u32 begin of the bucket in seconds since the epoch | u8 unit | f64 count | f64 sum | f64 minimum | f64 maximum
 *
 * A page of the journal begins with a byte that says what it is. 1, any number of entries follow:
 *   f64 series | u8 high resolution | a bucket as above
 * 2, all entries before it of the series that follow have been moved to blocks:
 *   f64 series
 */
export interface Bucket {
  readonly beginSeconds: number;
  readonly unit: number;
  readonly set: StatisticSet;
}

export interface JournalEntry extends Bucket {
  /** Number of the metric's log of minutes; it names the metric. */
  readonly series: number;
  readonly highResolution: boolean;
}

export type JournalPage =
  | { readonly kind: 'entries'; readonly entries: readonly JournalEntry[] }
  | { readonly kind: 'moved'; readonly series: readonly number[] };

const BUCKET_BYTES = 4 + 1 + 4 * 8;
const SERIES_BYTES = 8;
const ENTRY_BYTES = 8 + 1 + BUCKET_BYTES;
const ENTRIES = 1;
const MOVED = 2;

export function encodeMoved(series: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(1 + series.length * SERIES_BYTES);
  bytes[0] = MOVED;
  for (const [index, one] of series.entries()) bytes.writeDoubleLE(one, 1 + index * SERIES_BYTES);
  return bytes;
}

export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(1 + entries.length * ENTRY_BYTES);
  bytes[0] = ENTRIES;
  let offset = 1;
  for (const entry of entries) {
    bytes.writeDoubleLE(entry.series, offset);
    bytes[offset + 8] = entry.highResolution ? 1 : 0;
    writeBucket(bytes, offset + 9, entry);
    offset += ENTRY_BYTES;
  }
  return bytes;
}

export function decodePage(bytes: Buffer): JournalPage {
  if (bytes[0] === MOVED) {
    const series: number[] = [];
    for (let offset = 1; offset < bytes.length; offset += SERIES_BYTES)
      series.push(bytes.readDoubleLE(offset));
    return { kind: 'moved', series };
  }
  const entries: JournalEntry[] = [];
  for (let offset = 1; offset < bytes.length; offset += ENTRY_BYTES) {
    const series = bytes.readDoubleLE(offset);
    entries.push({ series, highResolution: bytes[offset + 8] === 1, ...readBucket(bytes, offset + 9) });
  }
  return { kind: 'entries', entries };
}

export function encodeBlock(buckets: readonly Bucket[]): Buffer {
  const bytes = Buffer.allocUnsafe(buckets.length * BUCKET_BYTES);
  for (const [index, bucket] of buckets.entries()) writeBucket(bytes, index * BUCKET_BYTES, bucket);
  return bytes;
}

export function* decodeBlock(bytes: Buffer): Generator<Bucket> {
  for (let offset = 0; offset < bytes.length; offset += BUCKET_BYTES) yield readBucket(bytes, offset);
}

function writeBucket(bytes: Buffer, offset: number, { beginSeconds, unit, set }: Bucket): void {
  bytes.writeUInt32LE(beginSeconds, offset);
  bytes[offset + 4] = unit;
  bytes.writeDoubleLE(set.sampleCount, offset + 5);
  bytes.writeDoubleLE(set.sum, offset + 13);
  bytes.writeDoubleLE(set.minimum, offset + 21);
  bytes.writeDoubleLE(set.maximum, offset + 29);
}

function readBucket(bytes: Buffer, offset: number): Bucket {
  return {
    beginSeconds: bytes.readUInt32LE(offset),
    unit: bytes.readUInt8(offset + 4),
    set: {
      sampleCount: bytes.readDoubleLE(offset + 5),
      sum: bytes.readDoubleLE(offset + 13),
      minimum: bytes.readDoubleLE(offset + 21),
      maximum: bytes.readDoubleLE(offset + 29),
    },
  };
}
