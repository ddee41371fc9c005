import type { Engine } from '../engine/engine.ts';
import type { Clock } from '../support/clock.ts';
import { planReshard } from './reshard-plan.ts';
import { type Reshard, type ShardRow, shardKey, type Tables } from './rows.ts';
import type { Shard } from './shard.ts';
import type { Stream } from './stream.ts';

/**
 * Carries out a reshard that the catalog says is under way; repeated after a crash at any point it does the same.
 *
 * The parents' logs are sealed first: from then on nothing can enter them, so their last numbers are known and
 * every record of a child is later than every record of its parents. Writers that meet a sealed log wait for the
 * commit below, and put into the children.
 */
export async function runReshard(
  context: { readonly engine: Engine; readonly clock: Clock; readonly tables: Tables },
  stream: Stream,
  reshard: Reshard,
): Promise<void> {
  const { engine, clock, tables } = context;
  const planned = planReshard(reshard, stream.map.shards, stream.row.nextShardIndex);
  const parents = new Set(planned.flatMap((shard) => shard.parents));
  const closing = stream.map.shards.filter((shard) => parents.has(shard.index));
  const logs = await engine.createLogs(planned.length);
  const recordCounts = await Promise.all(closing.map((shard) => engine.seal(shard.log)));
  const nowMs = clock.now();

  const closed = closing.map((shard, ordinal): ShardRow => ({
    ...shard.row,
    closed: { atMs: nowMs, recordCount: recordCounts[ordinal] ?? 0 },
  }));
  const opened = openShards(planned, parents, logs, closing, nowMs);
  await engine.catalog.commit((transaction) => {
    const row = transaction.get(tables.streams, stream.name);
    if (row === undefined || row.id !== stream.id) return;
    const { pending: _, ...rest } = row;
    for (const shard of [...closed, ...opened]) {
      transaction.put(tables.shards, shardKey(stream.id, shard.index), shard);
    }
    const nextShardIndex = row.nextShardIndex + planned.length;
    transaction.put(tables.streams, stream.name, { ...rest, status: 'ACTIVE', nextShardIndex });
  });
}

/** A child's creation is later than its parents', in whole seconds: that is what puts its numbers above theirs. */
function openShards(
  planned: ReturnType<typeof planReshard>,
  parents: ReadonlySet<number>,
  logs: readonly number[],
  closing: readonly Shard[],
  nowMs: number,
): ShardRow[] {
  const createdSeconds = new Map(closing.map((shard) => [shard.index, shard.row.createdSeconds]));
  return planned.map((shard, ordinal) => {
    const parentsCreated = shard.parents.map((parent) => createdSeconds.get(parent) ?? 0);
    const created = Math.max(Math.floor(nowMs / 1000), ...parentsCreated.map((seconds) => seconds + 1));
    createdSeconds.set(shard.index, created);
    return {
      ...shard,
      log: logs[ordinal] ?? 0,
      createdSeconds: created,
      openedMs: nowMs,
      ...(parents.has(shard.index) && { closed: { atMs: nowMs, recordCount: 0 } }),
    };
  });
}
