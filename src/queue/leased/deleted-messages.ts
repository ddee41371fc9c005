import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { LogId } from '../../engine/engine.ts';
import { queueLimits } from '../limits.ts';

/** Which messages of a block of a log are deleted: a bit for each, in base64. */
interface BlockRow {
  readonly bits: string;
}

const BLOCK_MESSAGES = queueLimits.deletedBlockMessages;
const NUMBER_DIGITS = 13;
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => onesOf(byte));

/**
 * The messages that were deleted while older ones wait. A message that waits has no row at all, and a deleted one a
 * single bit, which goes when the log is trimmed.
 */
export class DeletedMessages {
  readonly #table: Table<BlockRow>;
  /** The key that was needed last, and the block that was read last: reads go through a log in order. */
  #key: { readonly log: LogId; readonly block: number; readonly text: string } | undefined;
  #last: { readonly row: BlockRow; readonly bits: Buffer } | undefined;

  constructor(catalog: Pick<Catalog, 'table'>) {
    this.#table = catalog.table('queue.deleted');
  }

  has(log: LogId, index: number): boolean {
    const row = this.#table.get(this.#keyOf(log, blockOf(index)));
    return row !== undefined && isSet(this.#bitsOf(row), index % BLOCK_MESSAGES);
  }

  /** The first index from `from` on that is not deleted; `before` when all are. */
  nextKept(log: LogId, from: number, before: number): number {
    let index = from;
    while (index < before) {
      const row = this.#table.get(keyOf(log, blockOf(index)));
      if (row === undefined) return index;
      const bits = this.#bitsOf(row);
      const end = Math.min(before, (blockOf(index) + 1) * BLOCK_MESSAGES);
      for (; index < end; index++) if (!isSet(bits, index % BLOCK_MESSAGES)) return index;
    }
    return before;
  }

  /** How many from `from` on and below `before` are deleted. */
  count(log: LogId, from: number, before: number): number {
    let count = 0;
    for (const [key, row] of this.#table.entries(prefixOf(log))) {
      const first = blockFrom(key) * BLOCK_MESSAGES;
      if (first >= before) break;
      if (first + BLOCK_MESSAGES <= from) continue;
      const bits = this.#bitsOf(row);
      const isWhole = first >= from && first + BLOCK_MESSAGES <= before;
      if (isWhole) for (const byte of bits) count += ONES[byte] ?? 0;
      else {
        const end = Math.min(before, first + BLOCK_MESSAGES);
        for (let index = Math.max(from, first); index < end; index++) if (isSet(bits, index - first)) count++;
      }
    }
    return count;
  }

  /** Marks messages of a log as deleted; returns those that were not. */
  mark(transaction: Transaction, log: LogId, indexes: readonly number[]): number[] {
    const marked: number[] = [];
    const changed = new Map<string, Buffer>();
    for (const index of indexes) {
      const key = this.#keyOf(log, blockOf(index));
      let bits = changed.get(key);
      if (bits === undefined) {
        const row = transaction.get(this.#table, key);
        bits = row === undefined ? Buffer.alloc(BLOCK_MESSAGES / 8) : Buffer.from(row.bits, 'base64');
        changed.set(key, bits);
      }
      const bit = index % BLOCK_MESSAGES;
      if (isSet(bits, bit)) continue;
      bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      marked.push(index);
    }
    for (const [key, bits] of changed) transaction.put(this.#table, key, { bits: bits.toString('base64') });
    return marked;
  }

  /** Removes the rows of blocks that were trimmed; without `before` all rows of the log. */
  forget(transaction: Transaction, log: LogId, before = Infinity): void {
    const end = before === Infinity ? Infinity : blockOf(before);
    for (const [key] of this.#table.entries(prefixOf(log))) {
      if (blockFrom(key) >= end) return;
      transaction.delete(this.#table, key);
    }
  }

  #keyOf(log: LogId, block: number): string {
    if (this.#key?.log !== log || this.#key.block !== block)
      this.#key = { log, block, text: keyOf(log, block) };
    return this.#key.text;
  }

  #bitsOf(row: BlockRow): Buffer {
    if (this.#last?.row !== row) this.#last = { row, bits: Buffer.from(row.bits, 'base64') };
    return this.#last.bits;
  }
}

function blockOf(index: number): number {
  return Math.floor(index / BLOCK_MESSAGES);
}

function prefixOf(log: LogId): string {
  return `${log}/`;
}

function keyOf(log: LogId, block: number): string {
  return `${log}/${block.toString().padStart(NUMBER_DIGITS, '0')}`;
}

function blockFrom(key: string): number {
  return Number(key.slice(-NUMBER_DIGITS));
}

function isSet(bits: Uint8Array, bit: number): boolean {
  return ((bits[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
}

function onesOf(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest > 0; rest >>= 1) ones += rest & 1;
  return ones;
}
