import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  FIRST_HASH_KEY,
  hashKeyFromBigInt,
  hashKeyToBigInt,
  hashPartitionKey,
  LAST_HASH_KEY,
} from '../../../../src/services/kinesis/shards/hash-key.ts';
import { planReshard } from '../../../../src/services/kinesis/shards/plan-reshard.ts';
import type { Reshard } from '../../../../src/services/kinesis/streams/rows.ts';
import { ShardMap } from '../../../../src/services/kinesis/shards/shard-map.ts';

interface Piece {
  readonly index: number;
  readonly startHash: string;
  readonly endHash: string;
  readonly parents: readonly number[];
}

const whole: Piece = { index: 0, startHash: FIRST_HASH_KEY, endHash: LAST_HASH_KEY, parents: [] };

/** A number that says what to do next; what it means depends on the shards that are open then. */
const anyStep = fc.record({
  kind: fc.constantFrom('split', 'merge', 'resize', 'several'),
  choice: fc.nat(2 ** 20),
});

function reshardFor(step: { kind: string; choice: number }, open: readonly Piece[]): Reshard | undefined {
  const sorted = open.toSorted((a, b) => (a.startHash < b.startHash ? -1 : 1));
  const chosen = sorted[step.choice % sorted.length];
  const next = sorted[(step.choice % sorted.length) + 1];
  if (chosen === undefined) return undefined;
  if (step.kind === 'merge') {
    return next && { type: 'merge', shardIndexes: [chosen.index, next.index] };
  }
  if (step.kind === 'several') {
    const middle = (piece: Piece) =>
      hashKeyFromBigInt((BigInt(`0x${piece.startHash}`) + BigInt(`0x${piece.endHash}`)) / 2n + 1n);
    const splits = sorted
      .filter((piece, i) => i % 3 === 0 && piece.startHash < piece.endHash)
      .map((piece) => ({ shardIndex: piece.index, at: middle(piece) }));
    const merges = sorted.flatMap((piece, i): [number, number][] => {
      const upper = sorted[i + 1];
      return i % 3 === 1 && upper !== undefined ? [[piece.index, upper.index]] : [];
    });
    return { type: 'several', splits, merges };
  }
  if (step.kind === 'resize') {
    const least = Math.ceil(open.length / 2);
    return { type: 'resize', count: least + (step.choice % (open.length * 2 - least + 1)) };
  }
  const start = hashKeyToBigInt(chosen.startHash);
  const size = hashKeyToBigInt(chosen.endHash) - start;
  if (size < 8n) return undefined;
  const at = start + 2n + (size * BigInt(step.choice)) / BigInt(2 ** 21);
  return { type: 'split', shardIndex: chosen.index, at: hashKeyFromBigInt(at) };
}

/** All parts of a reshard, one after the other; between them, the open shards cover all as well. */
function apply(reshard: Reshard, before: readonly Piece[], nextIndex: number, most = Infinity) {
  const made: Piece[] = [];
  let open: Piece[] = [...before];
  for (;;) {
    const { shards, last } = planReshard(reshard, open, nextIndex + made.length, most);
    const parents = new Set(shards.flatMap((shard) => shard.parents));
    open = [...open, ...shards].filter((shard) => !parents.has(shard.index));
    made.push(...shards);
    if (last) return { made, open };
    assert(shards.length >= most);
    assert(new ShardMap(open).shards.length > 0);
  }
}

test('any sequence of splits, merges and resizes covers every hash key exactly once', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 25 }),
      fc.array(fc.string(), { maxLength: 20 }),
      fc.integer({ min: 1, max: 30 }),
      (steps, keys, most) => {
        let open: Piece[] = [whole];
        let nextIndex = 1;
        for (const step of steps) {
          const reshard = reshardFor(step, open);
          if (reshard === undefined || open.length > 60) continue;
          const result = apply(reshard, open, nextIndex, most);
          nextIndex += result.made.length;
          open = result.open;
          // The constructor asserts that the shards leave no gap and do not overlap.
          const map = new ShardMap(open);
          if (reshard.type === 'resize') assert.equal(open.length, reshard.count);
          for (const key of keys.map(hashPartitionKey)) {
            const holders = open.filter((shard) => shard.startHash <= key && key <= shard.endHash);
            assert.deepEqual([map.shardOf(key)], holders);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('new shards have one or two older parents, which make up their hash keys', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), (from, to) => {
      const { open } = apply({ type: 'resize', count: from }, [whole], 1);
      const byIndex = new Map(open.map((shard) => [shard.index, shard]));
      for (const shard of apply({ type: 'resize', count: to }, open, 1000, 10).made) {
        const parents = shard.parents.map((index) => byIndex.get(index));
        assert(parents.length === 1 || parents.length === 2);
        for (const parent of parents) {
          assert(parent !== undefined, 'a parent that was not there yet');
          assert(parent.index < shard.index);
          assert(parent.startHash <= shard.endHash && shard.startHash <= parent.endHash);
        }
        byIndex.set(shard.index, shard);
      }
    }),
    { numRuns: 100 },
  );
});

test('doubling splits each shard once, halving merges each pair once', () => {
  const four = apply({ type: 'resize', count: 4 }, [whole], 1).open;
  assert.equal(apply({ type: 'resize', count: 8 }, four, 100).made.length, 8);
  assert.equal(apply({ type: 'resize', count: 2 }, four, 100).made.length, 2);
  assert.equal(apply({ type: 'resize', count: 4 }, four, 100).made.length, 0);
});

test('shards that leave a gap, overlap, or miss an end are a broken invariant', () => {
  const middle = hashKeyFromBigInt(2n ** 127n);
  const after = hashKeyFromBigInt(2n ** 127n + 1n);
  const bad: [string, string][][] = [
    [],
    [[FIRST_HASH_KEY, middle]],
    [[middle, LAST_HASH_KEY]],
    [
      [FIRST_HASH_KEY, middle],
      [middle, LAST_HASH_KEY],
    ],
    [
      [FIRST_HASH_KEY, middle],
      [hashKeyFromBigInt(2n ** 127n + 2n), LAST_HASH_KEY],
    ],
  ];
  for (const ranges of bad) {
    assert.throws(() => new ShardMap(ranges.map(([startHash, endHash]) => ({ startHash, endHash }))));
  }
  const good = new ShardMap([
    { startHash: after, endHash: LAST_HASH_KEY },
    { startHash: FIRST_HASH_KEY, endHash: middle },
  ]);
  assert.equal(good.shardOf(middle).startHash, FIRST_HASH_KEY);
  assert.equal(good.shardOf(after).startHash, after);
});
