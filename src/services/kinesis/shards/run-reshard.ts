import type { Engine } from '../../../engine/engine.ts';
import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { planReshard, type ReshardPlan } from './plan-reshard.ts';
import { type Reshard, type ShardRow, shardKey, type StreamRow, type Tables } from '../streams/rows.ts';
import type { Shard } from './shard.ts';
import type { Stream } from '../streams/stream.ts';

export interface ReshardContext {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly tables: Tables;
  /** Called with the shards that a commit has closed or opened. */
  readonly committed: (shards: readonly ShardRow[]) => void;
}

/**
 * Carries out a reshard that is pending in the catalog. After a crash at any point it can be repeated: completed
 * steps are skipped.
 *
 * The parents' logs are sealed first: nothing can be appended any more, so their last sequence numbers are known, and
 * every record of a child is later than all records of its parents. Writers that find a log sealed wait for the
 * commit below and then write to the children. A large reshard is done in steps, so that writers never wait for long.
 */
export async function runReshard(context: ReshardContext, stream: Stream, reshard: Reshard): Promise<void> {
  for (;;) {
    const open = stream.map.shards;
    const most = kinesisLimits.reshardShardsAtOnce;
    const plan = planReshard(reshard, open, stream.row.nextShardIndex, most);
    const changed = await carryOut(context, stream, plan);
    if (changed === undefined) return;
    context.committed(changed);
    if (plan.last) return;
  }
}

/** Returns undefined if the stream was deleted. */
async function carryOut(
  { engine, clock, tables }: ReshardContext,
  stream: Stream,
  plan: ReshardPlan,
): Promise<readonly ShardRow[] | undefined> {
  const planned = plan.shards;
  const parents = new Set(planned.flatMap((shard) => shard.parents));
  const closing = stream.map.shards.filter((shard) => parents.has(shard.index));
  const logs = await engine.createLogs(planned.length);
  const recordCounts = await Promise.all(closing.map((shard) => engine.seal(shard.log)));
  const nowMs = timeOf(clock, engine, closing);

  const closed = closing.map((shard, ordinal): ShardRow => ({
    ...shard.row,
    closed: { atMs: nowMs, recordCount: recordCounts[ordinal] ?? 0 },
  }));
  const changed = [...closed, ...openShards(planned, parents, logs, closing, nowMs)];
  return await engine.catalog.commit((transaction) => {
    const row = transaction.get(tables.streams, stream.name);
    if (row === undefined || row.id !== stream.id) return undefined;
    for (const shard of changed) transaction.put(tables.shards, shardKey(stream.id, shard.index), shard);
    const nextShardIndex = row.nextShardIndex + planned.length;
    const { pending: _, ...rest } = row;
    const next: StreamRow = plan.last
      ? { ...rest, status: 'ACTIVE', nextShardIndex }
      : { ...row, nextShardIndex };
    transaction.put(tables.streams, stream.name, next);
    return changed;
  });
}

/** Never before the creation of the parents and the arrival of their last records, whatever the clock says. */
function timeOf(clock: Clock, engine: Engine, closing: readonly Shard[]): number {
  return closing.reduce(
    (latest, { row, log }) => Math.max(latest, row.openedMs, engine.bounds(log).lastArrivalMs),
    clock.now(),
  );
}

/** A child's creation is later than its parents', in whole seconds, so that its sequence numbers are higher. */
function openShards(
  planned: ReshardPlan['shards'],
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
