import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import { ByteReader, ByteWriter } from './bytes.ts';
import { encodeEntries, readEntry, writeEntry, type EncodedEntries, type Entry } from './entries.ts';
import { UnknownEntryError } from '../errors.ts';

/**
 * A frame is one group commit: a head (this header and the entries), followed by the chunks' payloads. The head has a
 * checksum. Each chunk's entry has the checksum of its payload, so that a reader can verify a single chunk.
 *   u32 crc of the rest of the head | u32 magic | u32 head bytes | u32 payload bytes | u64 segment number
 *   u64 position of the frame in its file | u64 commit number | u32 number of entries | entries | payloads
 */
export const FRAME_HEADER_BYTES = 44;
export const FRAME_MAGIC = 0x72_46_67_6e;
const HEAD_BYTES_AT = 8;
const NO_ENTRIES = encodeEntries([]);

export interface FrameHead {
  readonly segment: number;
  readonly position: number;
  readonly commit: number;
  readonly headBytes: number;
  readonly payloadBytes: number;
}

/** With the entries of `first` before the others. */
export function encodeHead(
  place: { readonly segment: number; readonly position: number; readonly commit: number },
  entries: readonly Entry[],
  payloadBytes: number,
  first: EncodedEntries = NO_ENTRIES,
): Buffer {
  const chunks = chunkBytes(first.entries) + chunkBytes(entries);
  assert.equal(chunks, payloadBytes, 'the chunks of a commit do not add up to its payload');
  const out = new ByteWriter(FRAME_HEADER_BYTES + first.bytes.length + entries.length * 64);
  out.u32(0);
  out.u32(FRAME_MAGIC);
  out.u32(0);
  out.u32(payloadBytes);
  out.u64(place.segment);
  out.u64(place.position);
  out.u64(place.commit);
  out.u32(first.entries.length + entries.length);
  out.bytes(first.bytes);
  for (const entry of entries) writeEntry(out, entry);
  out.patchU32(HEAD_BYTES_AT, out.length);
  out.patchU32(0, crc32(out.finish().subarray(4)));
  return out.finish();
}

/** The lengths that a header claims. Trust them only after verifying the checksum of the whole head. */
export function headerLengths(header: Buffer): { headBytes: number; payloadBytes: number } | undefined {
  if (header.readUInt32LE(4) !== FRAME_MAGIC) return undefined;
  const headBytes = header.readUInt32LE(HEAD_BYTES_AT);
  if (headBytes < FRAME_HEADER_BYTES) return undefined;
  return { headBytes, payloadBytes: header.readUInt32LE(12) };
}

/**
 * Returns undefined when `head` is not the complete, undamaged head of the frame at that place. Throws
 * UnknownEntryError when it is intact but has entries that this nagare does not know.
 */
export function decodeHead(
  head: Buffer,
  segment: number,
  position: number,
): { head: FrameHead; entries: Entry[] } | undefined {
  const from = new ByteReader(head);
  if (from.u32() !== crc32(head.subarray(4))) return undefined;
  from.u32();
  const [headBytes, payloadBytes, ownSegment, ownPosition] = [from.u32(), from.u32(), from.u64(), from.u64()];
  if (ownSegment !== segment || ownPosition !== position) return undefined;
  const commit = from.u64();
  const count = from.u32();
  const entries = readEntries(from, count);
  if (entries === undefined) throw new UnknownEntryError(segment, position);
  assert.equal(
    chunkBytes(entries),
    payloadBytes,
    'the chunks of a commit on disk do not add up to its payload',
  );
  return { head: { segment, position, commit, headBytes, payloadBytes }, entries };
}

function chunkBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) if (entry.kind === 'chunk') bytes += entry.bytes;
  return bytes;
}

function readEntries(from: ByteReader, count: number): Entry[] | undefined {
  try {
    const entries: Entry[] = [];
    for (let n = 0; n < count; n++) entries.push(readEntry(from));
    return from.left === 0 ? entries : undefined;
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
