import { crc32 } from 'node:zlib';

/**
 * A content has a CRC-32 for each block of its bytes; the last block may be shorter. The sums of 64 blocks form a
 * group. Complete groups are separate rows, so that an append to a large object writes only its last sums.
 */
export const BLOCK_BYTES = 256 * 1024;
const GROUP_BLOCKS = 64;
export const GROUP_BYTES = GROUP_BLOCKS * BLOCK_BYTES;

/** The sums of a content in their stored form: base64 of 32-bit little-endian numbers. */
export interface Sums {
  /** Complete groups. */
  readonly groups: readonly string[];
  /** The blocks after the last complete group. */
  readonly tail: string;
}

/** The number of complete groups of a content of that size. */
export function groupCount(sizeBytes: number): number {
  return Math.floor(sizeBytes / GROUP_BYTES);
}

/** Computes sums while bytes pass by; can continue from the middle of a content, given its current tail. */
export class BlockSummer {
  readonly #groups: string[] = [];
  #sums: number[] = [];
  #crc = 0;
  #filled = 0;

  constructor(before?: { readonly sizeBytes: number; readonly tail: string }) {
    if (before === undefined) return;
    this.#sums = decode(before.tail);
    this.#filled = before.sizeBytes % BLOCK_BYTES;
    if (this.#filled > 0) this.#crc = this.#sums.pop() ?? 0;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + BLOCK_BYTES - this.#filled);
      this.#crc = crc32(piece, this.#crc);
      this.#filled += piece.length;
      at += piece.length;
      if (this.#filled === BLOCK_BYTES) this.#endBlock();
    }
  }

  /** Returns the groups completed since this summer was created, and the tail. Ends it. */
  finish(): Sums {
    if (this.#filled > 0) this.#endBlock();
    return { groups: this.#groups, tail: encode(this.#sums) };
  }

  #endBlock(): void {
    this.#sums.push(this.#crc);
    this.#crc = 0;
    // A partial last block never completes a group: it belongs to the content's tail.
    const isFull = this.#filled === BLOCK_BYTES;
    this.#filled = 0;
    if (this.#sums.length < GROUP_BLOCKS || !isFull) return;
    this.#groups.push(encode(this.#sums));
    this.#sums = [];
  }
}

/** Looks up the sum of a block. */
export class BlockSums {
  readonly #sums: Sums;
  readonly #decoded = new Map<number, number[]>();

  constructor(sums: Sums) {
    this.#sums = sums;
  }

  /** Undefined when there is none: the sums belong to a shorter content. */
  of(block: number): number | undefined {
    const group = Math.floor(block / GROUP_BLOCKS);
    let sums = this.#decoded.get(group);
    if (sums === undefined) {
      sums = decode(this.#sums.groups[group] ?? (group === this.#sums.groups.length ? this.#sums.tail : ''));
      this.#decoded.set(group, sums);
    }
    return sums[block % GROUP_BLOCKS];
  }
}

export function sameSums(a: Sums, b: Sums): boolean {
  return (
    a.tail === b.tail &&
    a.groups.length === b.groups.length &&
    a.groups.every((sum, n) => sum === b.groups[n])
  );
}

function encode(sums: readonly number[]): string {
  const bytes = Buffer.alloc(4 * sums.length);
  for (const [n, sum] of sums.entries()) bytes.writeUInt32LE(sum, 4 * n);
  return bytes.toString('base64');
}

function decode(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, n) => bytes.readUInt32LE(4 * n));
}
