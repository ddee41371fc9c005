import { BLOCK_HEADER_BYTES, sealBlock } from '../format/table-block.ts';
import type { RowKey } from '../format/row-key.ts';
import type { Cursor } from './cursor.ts';

/** Three varints of at most five bytes. */
const ROW_HEAD_BYTES_MAX = 15;

/**
 * The row blocks of a section, one after another in their disk format. In a block each row is
 *   varint bytes shared with the key before | varint bytes of the rest | varint bytes of the value, plus 1; 0 for
 *   a deletion | rest of the key | value
 */
export class RowsBlocks {
  #buffer: Buffer;
  #length = 0;
  #blockStart = -1;
  #lastKey: RowKey = '';

  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafe(expectedBytes);
  }

  /** Size of all blocks so far. */
  get length(): number {
    return this.#length;
  }

  /** Size of the block being filled; 0 between blocks. */
  get blockBytes(): number {
    return this.#blockStart === -1 ? 0 : this.#length - this.#blockStart;
  }

  add(key: RowKey, value: string | Buffer | null): void {
    if (this.#blockStart === -1) this.#begin();
    const shared =
      this.#length === this.#blockStart + BLOCK_HEADER_BYTES ? 0 : sharedBytes(this.#lastKey, key);
    const valueBytes =
      value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    this.#reserve(ROW_HEAD_BYTES_MAX + key.length + valueBytes);
    this.#varint(shared);
    this.#varint(key.length - shared);
    this.#varint(value === null ? 0 : valueBytes + 1);
    this.#length += this.#buffer.write(shared === 0 ? key : key.slice(shared), this.#length, 'latin1');
    if (typeof value === 'string') this.#length += this.#buffer.write(value, this.#length, 'utf8');
    else if (value !== null) this.#length += value.copy(this.#buffer, this.#length);
    this.#lastKey = key;
  }

  /**
   * Ends the block being filled, which will start `sectionStart` bytes into the file plus the bytes before it; returns
   * its place and length.
   */
  seal(file: number, sectionStart: number): { readonly position: number; readonly bytes: number } {
    const position = sectionStart + this.#blockStart;
    const block = this.#buffer.subarray(this.#blockStart, this.#length);
    sealBlock(block, 'rows', { file, position });
    this.#blockStart = -1;
    return { position, bytes: block.length };
  }

  /** Returns all blocks; the next section starts empty. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(this.#buffer.length);
    this.#length = 0;
    return taken;
  }

  #begin(): void {
    this.#blockStart = this.#length;
    this.#reserve(BLOCK_HEADER_BYTES);
    this.#length += BLOCK_HEADER_BYTES;
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[this.#length++] = 128 + (rest % 128);
    this.#buffer[this.#length++] = rest;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#length + bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function sharedBytes(a: RowKey, b: RowKey): number {
  const most = Math.min(a.length, b.length);
  let shared = 0;
  while (shared < most && a.charCodeAt(shared) === b.charCodeAt(shared)) shared++;
  return shared;
}

/** Buffer for decompressed keys. */
let scratch = Buffer.allocUnsafe(4096);

/** Returns a row's value in a block; null for a deletion, undefined when the key is absent. Creates no garbage. */
export function findRow(body: Buffer, key: Buffer): Buffer | null | undefined {
  const from = { at: 0 };
  while (from.at < body.length) {
    const [shared, rest, value] = [readVarint(body, from), readVarint(body, from), readVarint(body, from)];
    if (shared + rest > scratch.length) scratch = Buffer.concat([scratch], 2 * (shared + rest));
    body.copy(scratch, shared, from.at, from.at + rest);
    const start = from.at + rest;
    const order = scratch.compare(key, 0, key.length, 0, shared + rest);
    if (order === 0) return value === 0 ? null : body.subarray(start, start + value - 1);
    if (order > 0) return undefined;
    from.at = start + Math.max(0, value - 1);
  }
  return undefined;
}

function readVarint(body: Buffer, from: { at: number }): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = body[from.at++] ?? 0;
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
}

/** Iterates over the rows of one block, whose checksum has been verified. */
export class BlockCursor implements Cursor {
  readonly #body: Buffer;
  readonly #from = { at: 0 };
  #valueAt = 0;
  #valueBytes = -1;
  key: RowKey | undefined;

  constructor(body: Buffer) {
    this.#body = body;
    this.next();
  }

  get value(): Buffer | null {
    if (this.#valueBytes < 0) return null;
    return this.#body.subarray(this.#valueAt, this.#valueAt + this.#valueBytes);
  }

  next(): undefined {
    const from = this.#from;
    const body = this.#body;
    if (from.at === body.length) {
      this.key = undefined;
      this.#valueBytes = -1;
      return;
    }
    const [shared, rest, value] = [readVarint(body, from), readVarint(body, from), readVarint(body, from)];
    const tail = body.toString('latin1', from.at, from.at + rest);
    this.key = shared === 0 ? tail : (this.key ?? '').slice(0, shared) + tail;
    this.#valueAt = from.at + rest;
    this.#valueBytes = value - 1;
    from.at = this.#valueAt + Math.max(0, this.#valueBytes);
  }

  /** Moves to the first key at or after this one. */
  seek(key: RowKey): void {
    while (this.key !== undefined && this.key < key) this.next();
  }
}
