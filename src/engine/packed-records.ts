import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { engineLimits } from './limits.ts';
import type { PackedRecords, RecordRun } from './engine.ts';

/** Length prefix of each payload. */
export const LENGTH_BYTES = 4;

/** Smaller batches are joined with their neighbours before they are written. */
export const SMALL_BYTES = 16 * 1024;

/**
 * Adds the checksums of the runs, best computed while the bytes are still in the CPU's cache. Small batches get theirs
 * after they are joined.
 */
export function checked(records: PackedRecords): PackedRecords {
  return records.bytes.length < SMALL_BYTES ? records : { ...records, runs: runsOf(records) };
}

/** Divides records, at their boundaries, into runs of at most this many bytes; a larger record is a run by itself. */
export function runsOf(
  { bytes, count }: PackedRecords,
  bytesMax: number = engineLimits.chunkBytesMax,
): RecordRun[] {
  if (bytes.length <= bytesMax || count === 1) return [{ count, bytes: bytes.length, crc: crc32(bytes) }];
  const runs: RecordRun[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  let end = 0;
  let inRun = 0;
  const finishRun = (): void => {
    runs.push({ count: inRun, bytes: end - start, crc: crc32(bytes.subarray(start, end)) });
    start = end;
    inRun = 0;
  };
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const length = LENGTH_BYTES + view.getUint32(end, true);
    if (inRun > 0 && end + length - start > bytesMax) finishRun();
    end += length;
    inRun++;
  }
  assert.equal(end, bytes.length, 'packed records do not end where their bytes end');
  finishRun();
  return runs;
}

/** Collects payloads in one buffer. `reserve` returns the place to write to, so that each payload is written once. */
export class RecordPacker {
  #bytes: Buffer;
  #length = 0;
  #count = 0;

  constructor(
    expectedBytes = 1024,
    allocate: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafe(bytes),
  ) {
    this.#bytes = allocate(expectedBytes);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Reserves space for a payload of `length` bytes and returns where it begins in `buffer`. Write the payload before
   * the next call, which may move the buffer.
   */
  reserve(length: number): { buffer: Buffer; offset: number } {
    const offset = this.#length + LENGTH_BYTES;
    const end = offset + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length = end;
    this.#count++;
    return { buffer: this.#bytes, offset };
  }

  add(payload: Uint8Array): void {
    const { buffer, offset } = this.reserve(payload.length);
    buffer.set(payload, offset);
  }

  finish(): PackedRecords {
    return { count: this.#count, bytes: this.#bytes.subarray(0, this.#length) };
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** Calls `visit` with each payload's place in `records.bytes`, in order; stops when it returns false. */
export function unpack(
  records: PackedRecords,
  visit: (ordinal: number, offset: number, length: number) => boolean | void,
): void {
  const { bytes, count } = records;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const length = view.getUint32(offset, true);
    offset += LENGTH_BYTES;
    if (visit(ordinal, offset, length) === false) return;
    offset += length;
  }
  assert.equal(offset, bytes.length, 'packed records do not end where their bytes end');
}
