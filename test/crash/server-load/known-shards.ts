import assert from 'node:assert/strict';

import { DAY_MS } from './known-records.ts';
import type { ShardDescription } from './read-stream.ts';

const HASH_KEYS = 2n ** 128n;

/** The shards of a stream as they were seen; later they are the same, but that open ones are closed. */
export class KnownShards {
  readonly #seen = new Map<string, { shard: ShardDescription; openMs: number }>();

  /** `nowMs`: when they were listed, by the server's clock. */
  check(shards: readonly ShardDescription[], nowMs: number): void {
    checkHashKeys(shards);
    checkLineage(shards);
    const listed = new Set(shards.map(({ ShardId }) => ShardId));
    for (const shard of shards) {
      const before = this.#seen.get(shard.ShardId);
      if (before !== undefined) checkSame(before.shard, shard);
      this.#seen.set(shard.ShardId, {
        shard,
        openMs: isOpen(shard) ? nowMs : (before?.openMs ?? 0),
      });
    }
    for (const [shardId, { openMs }] of this.#seen) {
      if (listed.has(shardId)) continue;
      assert(openMs + DAY_MS <= nowMs, `${shardId} is gone before its records can have expired`);
      this.#seen.delete(shardId);
    }
  }
}

export function isOpen({ SequenceNumberRange }: ShardDescription): boolean {
  return SequenceNumberRange.EndingSequenceNumber === undefined;
}

/** The open shards take every hash key exactly once. */
function checkHashKeys(shards: readonly ShardDescription[]): void {
  const ranges = shards
    .filter(isOpen)
    .map(rangeOf)
    .toSorted((a, b) => (a.start < b.start ? -1 : 1));
  let next = 0n;
  for (const { start, end } of ranges) {
    assert.equal(start, next, 'an open shard begins where the one before ends');
    next = end + 1n;
  }
  assert.equal(next, HASH_KEYS, 'the open shards take all hash keys');
}

/** A closed shard has children for exactly its hash keys, whose numbers are above its own. */
function checkLineage(shards: readonly ShardDescription[]): void {
  const byId = new Map(shards.map((shard) => [shard.ShardId, shard]));
  const taken = new Map<string, bigint>();
  for (const child of shards) {
    const parents = [child.ParentShardId, child.AdjacentParentShardId];
    for (const parent of parents.map((id) => byId.get(id ?? ''))) {
      // None, or it has expired.
      if (parent === undefined) continue;
      const { EndingSequenceNumber: ending } = parent.SequenceNumberRange;
      assert(ending !== undefined, `${parent.ShardId} has the child ${child.ShardId} and is open`);
      assert(
        ending < child.SequenceNumberRange.StartingSequenceNumber,
        `${child.ShardId} is after its parent`,
      );
      assert(parent.ShardId < child.ShardId);
      taken.set(parent.ShardId, (taken.get(parent.ShardId) ?? 0n) + common(parent, child));
    }
  }
  for (const shard of shards) {
    if (isOpen(shard)) continue;
    const { start, end } = rangeOf(shard);
    assert.equal(
      taken.get(shard.ShardId),
      end - start + 1n,
      `the children of ${shard.ShardId} take its keys`,
    );
  }
}

function checkSame(before: ShardDescription, now: ShardDescription): void {
  const { EndingSequenceNumber } = before.SequenceNumberRange;
  if (EndingSequenceNumber !== undefined) return assert.deepEqual(now, before);
  const { StartingSequenceNumber } = now.SequenceNumberRange;
  assert.deepEqual({ ...now, SequenceNumberRange: { StartingSequenceNumber } }, before);
}

function rangeOf({ HashKeyRange }: ShardDescription): { readonly start: bigint; readonly end: bigint } {
  return { start: BigInt(HashKeyRange.StartingHashKey), end: BigInt(HashKeyRange.EndingHashKey) };
}

/** How many hash keys two shards have in common. */
function common(one: ShardDescription, other: ShardDescription): bigint {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  const start = a.start > b.start ? a.start : b.start;
  const end = a.end < b.end ? a.end : b.end;
  return end < start ? 0n : end - start + 1n;
}
