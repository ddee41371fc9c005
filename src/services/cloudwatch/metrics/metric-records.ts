import { distributionBytes, readDistribution, writeDistribution } from './distribution-codec.ts';
import type { StatisticSet } from './statistic-set.ts';

/**
 * The two kinds of records that metrics are kept in, little-endian throughout.
 *
 * A block, in a metric's own logs, is any number of buckets:
 *   u32 begin of the bucket in seconds since the epoch | u8 unit | f64 count | f64 sum | f64 minimum | f64 maximum
 * If the second bit of the unit is set, the distribution of the samples follows:
 *   i8 binary digits of its bins | varint number of bins
 * and of each bin, in ascending order,
 *   varint difference to the bin before | varint count
 * If the first bit of the unit is set, it is a distribution of former versions, which has no digits: they are 4.
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
const ENTRY_HEAD_BYTES = 8 + 1;
const ENTRIES = 1;
const MOVED = 2;
const HAS_FORMER_DISTRIBUTION = 0x80;
const HAS_DISTRIBUTION = 0x40;

export function encodeMoved(series: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(1 + series.length * SERIES_BYTES);
  bytes[0] = MOVED;
  for (const [index, one] of series.entries()) bytes.writeDoubleLE(one, 1 + index * SERIES_BYTES);
  return bytes;
}

export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(1 + entries.length * ENTRY_HEAD_BYTES + bytesOf(entries));
  bytes[0] = ENTRIES;
  let offset = 1;
  for (const entry of entries) {
    bytes.writeDoubleLE(entry.series, offset);
    bytes[offset + 8] = entry.highResolution ? 1 : 0;
    offset = writeBucket(bytes, offset + ENTRY_HEAD_BYTES, entry);
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
  for (let offset = 1; offset < bytes.length;) {
    const series = bytes.readDoubleLE(offset);
    const highResolution = bytes[offset + 8] === 1;
    const { bucket, end } = readBucket(bytes, offset + ENTRY_HEAD_BYTES);
    entries.push({ series, highResolution, ...bucket });
    offset = end;
  }
  return { kind: 'entries', entries };
}

export function encodeBlock(buckets: readonly Bucket[]): Buffer {
  const bytes = Buffer.allocUnsafe(bytesOf(buckets));
  let offset = 0;
  for (const bucket of buckets) offset = writeBucket(bytes, offset, bucket);
  return bytes;
}

export function* decodeBlock(bytes: Buffer): Generator<Bucket> {
  for (let offset = 0; offset < bytes.length;) {
    const { bucket, end } = readBucket(bytes, offset);
    yield bucket;
    offset = end;
  }
}

function bytesOf(buckets: readonly Bucket[]): number {
  let bytes = buckets.length * BUCKET_BYTES;
  for (const { set } of buckets)
    if (set.distribution !== undefined) bytes += distributionBytes(set.distribution);
  return bytes;
}

/** Returns where it ends. */
function writeBucket(bytes: Buffer, offset: number, { beginSeconds, unit, set }: Bucket): number {
  const { distribution } = set;
  bytes.writeUInt32LE(beginSeconds, offset);
  bytes[offset + 4] = distribution === undefined ? unit : unit | HAS_DISTRIBUTION;
  bytes.writeDoubleLE(set.sampleCount, offset + 5);
  bytes.writeDoubleLE(set.sum, offset + 13);
  bytes.writeDoubleLE(set.minimum, offset + 21);
  bytes.writeDoubleLE(set.maximum, offset + 29);
  const end = offset + BUCKET_BYTES;
  return distribution === undefined ? end : writeDistribution(bytes, end, distribution);
}

function readBucket(bytes: Buffer, offset: number): { readonly bucket: Bucket; readonly end: number } {
  const flags = bytes.readUInt8(offset + 4);
  const unit = flags & ~(HAS_DISTRIBUTION | HAS_FORMER_DISTRIBUTION);
  const set: StatisticSet = {
    sampleCount: bytes.readDoubleLE(offset + 5),
    sum: bytes.readDoubleLE(offset + 13),
    minimum: bytes.readDoubleLE(offset + 21),
    maximum: bytes.readDoubleLE(offset + 29),
  };
  let end = offset + BUCKET_BYTES;
  if (flags !== unit) {
    const read = readDistribution(bytes, end, (flags & HAS_DISTRIBUTION) !== 0);
    set.distribution = read.distribution;
    end = read.end;
  }
  return { bucket: { beginSeconds: bytes.readUInt32LE(offset), unit, set }, end };
}
