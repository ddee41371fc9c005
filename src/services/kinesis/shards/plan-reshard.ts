import assert from 'node:assert/strict';
import { evenStarts, type HashKey, isNextHashKey, stepHashKey } from './hash-key.ts';
import type { Reshard } from '../streams/rows.ts';
import type { HashRange } from './shard-map.ts';

/** A shard to create. A parent of another shard in the same plan is closed from the start. */
export interface PlannedShard extends HashRange {
  readonly index: number;
  readonly parents: readonly number[];
}

type Several = Extract<Reshard, { type: 'several' }>;

interface Piece extends HashRange {
  readonly index: number;
}

/** One step of a reshard: its new shards ordered by index, parents before children. */
export interface ReshardPlan {
  readonly shards: readonly PlannedShard[];
  /** True if this step completes the reshard. */
  readonly last: boolean;
}

/**
 * Plans the next step of a reshard for the currently open shards; an open shard that is named as a parent will be
 * closed. Large reshards take several steps of about `most` shards, so that a stream with thousands of shards never
 * blocks for long; completed steps are not planned again. Like AWS, a resize is a series of splits and merges.
 */
export function planReshard(
  reshard: Reshard,
  open: readonly Piece[],
  nextIndex: number,
  most: number,
): ReshardPlan {
  const plan = new Plan(nextIndex, most);
  const find = (index: number): Piece => {
    const piece = open.find((shard) => shard.index === index);
    assert(piece !== undefined, 'a reshard of a shard that is not open');
    return piece;
  };
  switch (reshard.type) {
    case 'split':
      plan.split(find(reshard.shardIndex), reshard.at);
      break;
    case 'merge':
      plan.merge(reshard.shardIndexes.map(find));
      break;
    case 'several':
      plan.several(reshard, new Map(open.map((shard) => [shard.index, shard])));
      break;
    case 'resize':
      plan.resize(open, reshard.count);
      break;
  }
  return plan;
}

class Plan implements ReshardPlan {
  readonly shards: PlannedShard[] = [];
  last = true;
  readonly #most: number;
  #nextIndex: number;

  constructor(nextIndex: number, most: number) {
    this.#nextIndex = nextIndex;
    this.#most = most;
  }

  /** Whether this step is large enough; the rest goes into another one. */
  #isFull(): boolean {
    if (this.shards.length < this.#most) return false;
    this.last = false;
    return true;
  }

  /** Cuts a piece in front of `at`. */
  split(piece: Piece, at: HashKey): [lower: Piece, upper: Piece] {
    const parents = [piece.index];
    const lower = this.#add(piece.startHash, stepHashKey(at, -1n), parents);
    return [lower, this.#add(at, piece.endHash, parents)];
  }

  /** Merges adjacent pieces. */
  merge(pieces: readonly Piece[]): void {
    pieces.reduce((lower, upper) => {
      assert(isNextHashKey(lower.endHash, upper.startHash), 'a merge of shards that are not adjacent');
      return this.#add(lower.startHash, upper.endHash, [lower.index, upper.index]);
    });
  }

  /** Skips changes whose shards are no longer open: they are done. */
  several({ splits, merges }: Several, open: ReadonlyMap<number, Piece>): void {
    for (const { shardIndex, at } of splits) {
      const piece = open.get(shardIndex);
      if (piece === undefined) continue;
      if (this.#isFull()) return;
      this.split(piece, at);
    }
    for (const [lowerIndex, upperIndex] of merges) {
      const [lower, upper] = [open.get(lowerIndex), open.get(upperIndex)];
      if (lower === undefined || upper === undefined) continue;
      if (this.#isFull()) return;
      this.merge([lower, upper]);
    }
  }

  /** Goes through the new ranges from the lowest on: cuts each out of the current pieces, and merges those. */
  resize(open: readonly Piece[], count: number): void {
    const starts = evenStarts(count);
    const rest = open.toSorted((a, b) => (a.startHash < b.startHash ? 1 : -1));
    for (let target = 0; target < count; target++) {
      const following = starts[target + 1];
      const pieces: Piece[] = [];
      for (let piece = rest.pop(); piece !== undefined; piece = rest.pop()) {
        if (following === undefined || piece.endHash < following) {
          pieces.push(piece);
          if (rest.at(-1)?.startHash === following) break;
          continue;
        }
        // The step is full, and nothing in this range has changed yet.
        if (pieces.length === 0 && this.#isFull()) return;
        const [lower, upper] = this.split(piece, following);
        pieces.push(lower);
        rest.push(upper);
        break;
      }
      if (pieces.length > 1 && this.#isFull()) return;
      this.merge(pieces);
    }
  }

  #add(startHash: HashKey, endHash: HashKey, parents: readonly number[]): PlannedShard {
    const shard = { index: this.#nextIndex++, startHash, endHash, parents };
    this.shards.push(shard);
    return shard;
  }
}
