import assert from 'node:assert/strict';
/** A chunk's place in its segment's file, and the records it holds. */
export interface ChunkPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly firstIndex: number;
  readonly count: number;
  readonly crc: number;
  readonly arrivalMs: number;
}

/** Words per chunk: offset, bytes, first index (relative to the base), count, crc, arrival (low, high). */
const STRIDE = 7;
export const CHUNK_INDEX_BYTES = STRIDE * 4;
const TWO_32 = 2 ** 32;
const WORD_MAX = TWO_32 - 1;

/**
 * The chunks of one log in one segment, in order. Each takes 28 bytes and no object, because a log that receives single
 * records has one chunk per record. A sealed segment's footer holds the same words.
 */
export class ChunkIndex {
  readonly base: number;
  #words: Uint32Array;
  #length: number;

  constructor(base: number, words = new Uint32Array(STRIDE * 2), length = 0) {
    this.base = base;
    this.#words = words;
    this.#length = length;
  }

  static fromBytes(base: number, bytes: Buffer): ChunkIndex {
    assert(bytes.length % CHUNK_INDEX_BYTES === 0, 'a chunk index with an incomplete entry');
    const words = new Uint32Array(bytes.length / 4);
    for (let at = 0; at < words.length; at++) words[at] = bytes.readUInt32LE(at * 4);
    return new ChunkIndex(base, words, words.length / STRIDE);
  }

  get length(): number {
    return this.#length;
  }

  get nextIndex(): number {
    if (this.#length === 0) return this.base;
    const at = (this.#length - 1) * STRIDE;
    return this.base + this.#word(at + 2) + this.#word(at + 3);
  }

  /** The bytes of the chunks that hold `index` or later records. */
  bytesFrom(index: number): number {
    let bytes = 0;
    for (let ordinal = this.#length - 1; ordinal >= 0; ordinal--) {
      const chunk = this.at(ordinal);
      if (chunk.firstIndex + chunk.count <= index) break;
      bytes += chunk.bytes;
    }
    return bytes;
  }

  push(chunk: ChunkPlace): void {
    // A larger value would be truncated to 32 bits silently.
    assert(chunk.offset + chunk.bytes <= WORD_MAX, 'a chunk beyond the range of its index');
    assert(chunk.firstIndex >= this.nextIndex, 'a chunk that precedes its predecessor');
    assert(chunk.firstIndex - this.base <= WORD_MAX, 'a chunk too far from the first one of its index');
    const at = this.#length * STRIDE;
    if (at === this.#words.length) this.#grow();
    const words = this.#words;
    words[at] = chunk.offset;
    words[at + 1] = chunk.bytes;
    words[at + 2] = chunk.firstIndex - this.base;
    words[at + 3] = chunk.count;
    words[at + 4] = chunk.crc;
    words[at + 5] = chunk.arrivalMs % TWO_32;
    words[at + 6] = Math.floor(chunk.arrivalMs / TWO_32);
    this.#length++;
  }

  at(ordinal: number): ChunkPlace {
    const at = ordinal * STRIDE;
    return {
      offset: this.#word(at),
      bytes: this.#word(at + 1),
      firstIndex: this.base + this.#word(at + 2),
      count: this.#word(at + 3),
      crc: this.#word(at + 4),
      arrivalMs: this.#word(at + 5) + this.#word(at + 6) * TWO_32,
    };
  }

  /** Ordinal of the chunk that holds `index`; `index` must not precede the first chunk. */
  find(index: number): number {
    const relative = index - this.base;
    return this.#firstWhere((at) => this.#word(at + 2) > relative) - 1;
  }

  /** Ordinal of the first chunk that arrived at or after `timeMs`; `length` when none did. */
  findTime(timeMs: number): number {
    return this.#firstWhere((at) => this.#word(at + 5) + this.#word(at + 6) * TWO_32 >= timeMs);
  }

  toBytes(): Buffer {
    const bytes = Buffer.allocUnsafe(this.#length * CHUNK_INDEX_BYTES);
    for (let at = 0; at < this.#length * STRIDE; at++) bytes.writeUInt32LE(this.#word(at), at * 4);
    return bytes;
  }

  #firstWhere(holds: (at: number) => boolean): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle * STRIDE)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #word(at: number): number {
    return this.#words[at] ?? 0;
  }

  #grow(): void {
    const larger = new Uint32Array(Math.ceil((this.#words.length * 1.5) / STRIDE) * STRIDE);
    larger.set(this.#words);
    this.#words = larger;
  }
}
