import assert from 'node:assert/strict';

import { BloomFilter } from './bloom-filter.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import type { RowKey } from './row-key.ts';

/** A block's place in its file. */
export interface BlockRef {
  readonly firstKey: RowKey;
  readonly position: number;
  readonly bytes: number;
}

/**
 * A section is about 128 KiB of row blocks, followed by its index, which tells the keys it may contain and the place of
 * each block.
 *   u32 blocks | u32 bytes of the bloom filter | filter | blocks: u64 position, u32 bytes, varint bytes of the key, key
 */
export interface Section {
  readonly filter: BloomFilter;
  readonly blocks: readonly BlockRef[];
}

/** A section of a file: where its rows begin, and where its index is, which follows the rows. */
export interface SectionRef extends BlockRef {
  /** Where its first row block begins. */
  readonly start: number;
}

export function encodeSection(blocks: readonly BlockRef[], filter: BloomFilter): Buffer {
  checkOrder(blocks);
  const out = new ByteWriter(4096);
  out.u32(blocks.length);
  out.u32(filter.bytes.length);
  out.bytes(filter.bytes);
  for (const block of blocks) writeRef(out, block);
  return out.finish();
}

export function decodeSection(body: Buffer): Section {
  const from = new ByteReader(body);
  const [count, filterBytes] = [from.u32(), from.u32()];
  const filter = new BloomFilter(from.bytes(filterBytes));
  const blocks = Array.from({ length: count }, () => readRef(from));
  checkOrder(blocks);
  return { filter, blocks };
}

/**
 * Finds the block of a section that may contain the key. Decodes nothing else, so that a point read creates little
 * garbage.
 */
export function findBlock(
  body: Buffer,
  key: RowKey,
  keyBytes: Buffer,
): { readonly position: number; readonly bytes: number } | undefined {
  const [count, filterBytes] = [body.readUInt32LE(0), body.readUInt32LE(4)];
  if (!new BloomFilter(body.subarray(8, 8 + filterBytes)).mayHave(key)) return undefined;
  let found = -1;
  for (let ref = 0, at = 8 + filterBytes; ref < count; ref++) {
    let keyAt = at + 12;
    let length = 0;
    for (let scale = 1, more = true; more; scale *= 128) {
      const byte = body[keyAt++] ?? 0;
      length += (byte % 128) * scale;
      more = byte >= 128;
    }
    if (body.compare(keyBytes, 0, keyBytes.length, keyAt, keyAt + length) > 0) break;
    found = at;
    at = keyAt + length;
  }
  if (found === -1) return undefined;
  const position = body.readUInt32LE(found) + body.readUInt32LE(found + 4) * 2 ** 32;
  return { position, bytes: body.readUInt32LE(found + 8) };
}

/** u32 sections | each: u64 start, u64 position of its index, u32 bytes of that, varint bytes of the key, key */
export function encodeTop(sections: readonly SectionRef[]): Buffer {
  checkOrder(sections);
  const out = new ByteWriter(4096);
  out.u32(sections.length);
  for (const section of sections) {
    out.u64(section.start);
    writeRef(out, section);
  }
  return out.finish();
}

export function decodeTop(body: Buffer): SectionRef[] {
  const from = new ByteReader(body);
  const sections = Array.from({ length: from.u32() }, () => {
    const start = from.u64();
    return { start, ...readRef(from) };
  });
  checkOrder(sections);
  return sections;
}

/** Index of the last of `refs` that begins at or before `key`; 0 when none does. */
export function placeOf(refs: readonly BlockRef[], key: RowKey): number {
  let low = 0;
  let high = refs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((refs[middle]?.firstKey ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/** Checked when they are written and when they are read: a lookup in unordered keys would miss rows silently. */
function checkOrder(refs: readonly BlockRef[]): void {
  let last: BlockRef | undefined;
  for (const ref of refs) {
    assert(last === undefined || last.firstKey < ref.firstKey, 'blocks out of key order');
    assert(last === undefined || last.position + last.bytes <= ref.position, 'overlapping blocks');
    last = ref;
  }
}

function writeRef(out: ByteWriter, ref: BlockRef): void {
  out.u64(ref.position);
  out.u32(ref.bytes);
  out.varint(ref.firstKey.length);
  out.text(ref.firstKey, 'latin1');
}

function readRef(from: ByteReader): BlockRef {
  const [position, bytes, keyBytes] = [from.u64(), from.u32(), from.varint()];
  return { firstKey: from.bytes(keyBytes).toString('latin1'), position, bytes };
}
