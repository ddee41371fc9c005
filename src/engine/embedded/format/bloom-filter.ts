import type { RowKey } from './row-key.ts';

/** Gives false positives for about one absent key in a hundred. */
const BITS_PER_KEY = 10;
const PROBES = 7;

/** A bloom filter with ten bits per key: a key that it does not contain is certainly absent. */
export class BloomFilter {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Builds the filter from the keys' hashes, two words per key. */
  static of(hashes: readonly number[]): BloomFilter {
    const filter = new BloomFilter(Buffer.alloc(Math.ceil(((hashes.length / 2) * BITS_PER_KEY) / 8) || 1));
    for (let at = 0; at < hashes.length; at += 2) filter.#add(hashes[at] ?? 0, hashes[at + 1] ?? 0);
    return filter;
  }

  mayHave(key: RowKey): boolean {
    const { first, second } = hashOf(key);
    const bits = this.bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % bits;
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }

  #add(first: number, second: number): void {
    const bits = this.bytes.length * 8;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = ((first + Math.imul(probe, second)) >>> 0) % bits;
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }
}

/** FNV-1a followed by the finalizer of MurmurHash3. Part of the disk format: never change it. */
export function hashOf(key: RowKey): { readonly first: number; readonly second: number } {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01_00_01_93);
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35);
  return { first: hash >>> 0, second: (mixed ^ (mixed >>> 16)) | 1 };
}
