import assert from 'node:assert/strict';
import { FIRST_HASH_KEY, type HashKey, isNextHashKey, LAST_HASH_KEY } from './hash-key.ts';

export interface HashRange {
  /** Both ends included. */
  readonly startHash: HashKey;
  readonly endHash: HashKey;
}

/** Finds the shard of a hash key in O(log shards). Immutable: a reshard creates a new map. */
export class ShardMap<Shard extends HashRange> {
  readonly #shards: readonly Shard[];
  readonly #starts: readonly HashKey[];

  /** `open` in any order; they must cover every hash key exactly once. */
  constructor(open: readonly Shard[]) {
    this.#shards = open.toSorted((a, b) => (a.startHash < b.startHash ? -1 : 1));
    this.#starts = this.#shards.map((shard) => shard.startHash);
    assertCovered(this.#shards);
  }

  /** Ordered by hash key. */
  get shards(): readonly Shard[] {
    return this.#shards;
  }

  /** The only shard, if there is one: then nothing needs to be hashed. */
  get only(): Shard | undefined {
    return this.#shards.length === 1 ? this.#shards[0] : undefined;
  }

  /** The shard with that number in the order of hash keys, modulo the number of shards. */
  at(ordinal: number): Shard {
    const shard = this.#shards[ordinal % this.#shards.length];
    assert(shard !== undefined, 'a stream without open shards');
    return shard;
  }

  shardOf(key: HashKey): Shard {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const start = this.#starts[middle];
      if (start !== undefined && start <= key) low = middle;
      else high = middle - 1;
    }
    const shard = this.#shards[low];
    assert(
      shard !== undefined && shard.startHash <= key && key <= shard.endHash,
      'a hash key without a shard',
    );
    return shard;
  }
}

function assertCovered(sorted: readonly HashRange[]): void {
  const first = sorted[0];
  const last = sorted.at(-1);
  assert(
    first?.startHash === FIRST_HASH_KEY && last?.endHash === LAST_HASH_KEY,
    'open shards leave an end free',
  );
  for (let i = 1; i < sorted.length; i++) {
    const before = sorted[i - 1];
    const here = sorted[i];
    assert(
      before !== undefined && here !== undefined && isNextHashKey(before.endHash, here.startHash),
      'open shards overlap or leave a gap',
    );
  }
}
