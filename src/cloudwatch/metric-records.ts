import { mergeInto } from './statistic-set.ts';
import type { StatisticSet } from './statistic-set.ts';

/**
 * The two kinds of records that metrics are kept in, little-endian throughout.
 *
 * A block, in a metric's own logs, is any number of buckets:
 *   u32 begin of the bucket in seconds since the epoch | u8 unit | f64 count | f64 sum | f64 minimum | f64 maximum
 *
 * A page of the journal begins with a byte that says what it is: 2, everything before it has been moved to blocks;
 * 1, any number of entries follow:
 *   f64 series | u8 high resolution | a bucket as above
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
  | { readonly kind: 'moved' };

const BUCKET_BYTES = 4 + 1 + 4 * 8;
const ENTRY_BYTES = 8 + 1 + BUCKET_BYTES;
const ENTRIES = 1;
const MOVED = 2;

export const movedPage: Buffer = Buffer.from([MOVED]);

export function journalBytes(entries: number): number {
  return 1 + entries * ENTRY_BYTES;
}

export function encodeEntries(entries: readonly JournalEntry[]): Buffer {
  const bytes = Buffer.allocUnsafe(journalBytes(entries.length));
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
  if (bytes[0] === MOVED) return { kind: 'moved' };
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

/** Buckets of one metric by their begin and unit; what falls into the same one adds up. */
export class Buckets {
  readonly #sets = new Map<number, StatisticSet>();

  get size(): number {
    return this.#sets.size;
  }

  add(beginSeconds: number, unit: number, set: Readonly<StatisticSet>): void {
    const key = beginSeconds * UNITS_MAX + unit;
    const present = this.#sets.get(key);
    if (present === undefined) this.#sets.set(key, { ...set });
    else mergeInto(present, set);
  }

  /** The same samples in buckets of `seconds`. */
  coarser(seconds: number): Buckets {
    const result = new Buckets();
    for (const { beginSeconds, unit, set } of this)
      result.add(beginSeconds - (beginSeconds % seconds), unit, set);
    return result;
  }

  *[Symbol.iterator](): Generator<Bucket> {
    for (const [key, set] of this.#sets) {
      yield { beginSeconds: Math.floor(key / UNITS_MAX), unit: key % UNITS_MAX, set };
    }
  }
}

const UNITS_MAX = 32;
