import assert from 'node:assert/strict';
import { evenStarts, type HashKey, isNextHashKey, stepHashKey } from './hash-key.ts';
import type { Reshard } from '../streams/rows.ts';
import type { HashRange } from './shard-map.ts';

/** A shard to be made. One that is a parent of another in the same plan is closed from the beginning. */
export interface PlannedShard extends HashRange {
  readonly index: number;
  readonly parents: readonly number[];
}

type Several = Extract<Reshard, { type: 'several' }>;

interface Piece extends HashRange {
  readonly index: number;
}

/** A part of a reshard: its new shards in the order of their indexes, parents before children. */
export interface ReshardPlan {
  readonly shards: readonly PlannedShard[];
  /** Nothing is left to do when these are there. */
  readonly last: boolean;
}

/**
 * What is to be done next in a reshard, given what is open now: what is there and named as a parent is to be closed.
 * A resize, and several changes, come in parts of about `most` shards, so that a stream of thousands never stands
 * still; a part that was done is not planned again. Any resize is a series of splits and merges, as on AWS.
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

  /** Whether this part has enough; then there is another one. */
  #isFull(): boolean {
    if (this.shards.length < this.#most) return false;
    this.last = false;
    return true;
  }

  /** Cuts a piece before `at`. */
  split(piece: Piece, at: HashKey): [lower: Piece, upper: Piece] {
    const parents = [piece.index];
    const lower = this.#add(piece.startHash, stepHashKey(at, -1n), parents);
    return [lower, this.#add(at, piece.endHash, parents)];
  }

  /** Makes one of pieces that follow each other. */
  merge(pieces: readonly Piece[]): void {
    pieces.reduce((lower, upper) => {
      assert(isNextHashKey(lower.endHash, upper.startHash), 'a merge of shards that are not adjacent');
      return this.#add(lower.startHash, upper.endHash, [lower.index, upper.index]);
    });
  }

  /** Shards that are not open any more have had their turn. */
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

  /** Goes through the new ranges from the lowest on: each is cut out of what lies there, and its pieces are merged. */
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
        // Full before a range of which nothing was changed yet.
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
