import assert from 'node:assert/strict';
import { evenStarts, type HashKey, LAST_HASH_KEY, stepHashKey } from './hash-key.ts';
import type { Reshard } from './rows.ts';
import type { HashRange } from './shard-map.ts';

/** A shard to be made. One that is a parent of another in the same plan is closed from the beginning. */
export interface PlannedShard extends HashRange {
  readonly index: number;
  readonly parents: readonly number[];
}

interface Piece extends HashRange {
  readonly index: number;
}

/**
 * The new shards of a reshard in the order of their indexes, parents before children: what is there and named as
 * a parent is to be closed. Any resize is a series of splits and merges, as on AWS: first every open shard is
 * split where a new range begins, then the pieces of each new range are merged.
 */
export function planReshard(
  reshard: Reshard,
  open: readonly Piece[],
  nextIndex: number,
): readonly PlannedShard[] {
  const plan = new Plan(nextIndex);
  const byIndex = new Map(open.map((shard) => [shard.index, shard]));
  const find = (index: number): Piece => {
    const piece = byIndex.get(index);
    assert(piece !== undefined, 'a reshard of a shard that is not open');
    return piece;
  };
  switch (reshard.type) {
    case 'split':
      plan.split(find(reshard.shardIndex), [reshard.at]);
      break;
    case 'merge':
      plan.merge(reshard.shardIndexes.map(find));
      break;
    case 'several':
      for (const { shardIndex, at } of reshard.splits) plan.split(find(shardIndex), [at]);
      for (const shardIndexes of reshard.merges) plan.merge(shardIndexes.map(find));
      break;
    case 'resize':
      plan.resize(open, reshard.count);
      break;
  }
  return plan.shards;
}

class Plan {
  readonly shards: PlannedShard[] = [];
  #nextIndex: number;

  constructor(nextIndex: number) {
    this.#nextIndex = nextIndex;
  }

  /** Cuts a piece before each of `starts`, which rise and lie within it. */
  split(piece: Piece, starts: readonly HashKey[]): Piece[] {
    const [start, ...others] = starts;
    if (start === undefined) return [piece];
    const parents = [piece.index];
    const lower = this.#add(piece.startHash, stepHashKey(start, -1n), parents);
    const upper = this.#add(start, piece.endHash, parents);
    return [lower, ...this.split(upper, others)];
  }

  /** Makes one of pieces that follow each other. */
  merge(pieces: readonly Piece[]): void {
    pieces.reduce((lower, upper) => {
      assert(stepHashKey(lower.endHash, 1n) === upper.startHash, 'a merge of shards that are not adjacent');
      return this.#add(lower.startHash, upper.endHash, [lower.index, upper.index]);
    });
  }

  resize(open: readonly Piece[], count: number): void {
    const starts = evenStarts(count);
    const sorted = open.toSorted((a, b) => (a.startHash < b.startHash ? -1 : 1));
    const pieces: Piece[] = [];
    let next = 0;
    for (const shard of sorted) {
      const within: HashKey[] = [];
      for (let start = starts[next]; start !== undefined && start <= shard.endHash; start = starts[++next]) {
        if (start > shard.startHash) within.push(start);
      }
      pieces.push(...this.split(shard, within));
    }
    let at = 0;
    for (let target = 0; target < count; target++) {
      const following = starts[target + 1];
      const end = following === undefined ? LAST_HASH_KEY : stepHashKey(following, -1n);
      const first = at;
      while ((pieces[at]?.endHash ?? LAST_HASH_KEY) < end) at++;
      at++;
      this.merge(pieces.slice(first, at));
    }
  }

  #add(startHash: HashKey, endHash: HashKey, parents: readonly number[]): PlannedShard {
    const shard = { index: this.#nextIndex++, startHash, endHash, parents };
    this.shards.push(shard);
    return shard;
  }
}
