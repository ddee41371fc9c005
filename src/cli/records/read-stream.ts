import { setTimeout as sleep } from 'node:timers/promises';
import type { Shard } from '@aws-sdk/client-kinesis';
import type { RunningServer } from '../api.ts';
import { cliLimits } from '../limits.ts';
import { isOpen, shardsOf } from '../stream/kinesis.ts';
import { CommandError, exitCodes, usageError } from '../terminal.ts';
import { Lane, type LaneOptions } from './lane.ts';
import type { Position } from './positions.ts';
import type { ReadBatch } from './record.ts';

export interface ReadOptions {
  readonly server: RunningServer;
  readonly stream: string;
  readonly position: Position;
  /** Per shard, where that differs: `latest` records were read before. */
  readonly positions?: ReadonlyMap<string, Position>;
  /** All unless given. */
  readonly shardIds?: readonly string[] | undefined;
  /** Records that arrived later are left out. */
  readonly untilMs?: number | undefined;
  /** Whether to wait for new records; otherwise reading ends at the end of each shard. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly onTrouble?: LaneOptions['onTrouble'];
}

/**
 * Reads all shards of a stream at once, each in its order, and parents before their children. Batches may be empty.
 * Rejects with CommandError.
 */
export async function* readStream(options: ReadOptions): AsyncGenerator<ReadBatch, void, undefined> {
  const reading = new Map<Lane, Promise<Step>>();
  const shards = await wantedShards(options);
  const waiting = new Map(shards.map((shard) => [shard.ShardId ?? '', shard]));
  const begin = (shardId: string, position: Position): void => {
    waiting.delete(shardId);
    const lane = new Lane({ ...options, shardId, position: options.positions?.get(shardId) ?? position });
    reading.set(lane, step(lane, options));
  };
  const isFirst = firstOf(shards, options);
  for (const shard of shards) if (isFirst(shard)) begin(shard.ShardId ?? '', options.position);
  while (reading.size > 0) {
    const { lane, batch, isOver } = await Promise.race(reading.values());
    if (options.signal.aborted) return;
    if (!isOver) reading.set(lane, step(lane, options));
    else {
      reading.delete(lane);
      if (lane.hasEnded && options.shardIds === undefined) {
        for (const child of childrenOf(lane, waiting)) {
          if (isReady(child.parents, lane, reading, waiting))
            begin(child.shardId, afterParent(options.position));
        }
      }
    }
    if (batch !== undefined) yield batch;
  }
}

interface Step {
  readonly lane: Lane;
  readonly batch: ReadBatch | undefined;
  readonly isOver: boolean;
}

/** Reads once, after a pause if there was nothing more the last time. */
async function step(lane: Lane, { follow, untilMs, signal }: ReadOptions): Promise<Step> {
  const batch = await lane.next();
  if (batch === undefined) return { lane, batch, isOver: true };
  const isAtEnd = batch.behindMs === 0;
  const kept = untilMs === undefined ? batch : before(batch, untilMs);
  const isPast =
    kept.records.length < batch.records.length || (isAtEnd && untilMs !== undefined && Date.now() > untilMs);
  const isOver = lane.hasEnded || isPast || (!follow && isAtEnd);
  if (!isOver && isAtEnd && batch.records.length === 0) {
    await sleep(cliLimits.tailPollMs, undefined, { signal }).catch(() => undefined);
  }
  return { lane, batch: kept, isOver };
}

/** Times rise within a shard. */
function before(batch: ReadBatch, untilMs: number): ReadBatch {
  const end = batch.records.findIndex(({ ApproximateArrivalTimestamp: at }) => at * 1000 > untilMs);
  return end === -1 ? batch : { ...batch, records: batch.records.slice(0, end) };
}

async function wantedShards({ server, stream, shardIds, position }: ReadOptions): Promise<Shard[]> {
  const shards = await shardsOf(server, stream);
  const isOfShard = position.kind === 'at' || position.kind === 'after';
  if (shardIds === undefined) {
    if (!isOfShard || shards.length === 1) return shards;
    throw usageError(
      'a sequence number is of one shard: name it with --shard-id',
      `nagare shard ls ${stream}`,
    );
  }
  return shardIds.map((id) => {
    const found = shards.find(({ ShardId }) => ShardId === id);
    if (found !== undefined) return found;
    throw new CommandError(`${stream} has no shard ${id}`, {
      exitCode: exitCodes.notFound,
      remedy: `nagare shard ls ${stream}`,
    });
  });
}

/** With which shards reading begins: those whose parents are gone, or that take records now. */
function firstOf(shards: readonly Shard[], { shardIds, position }: ReadOptions): (shard: Shard) => boolean {
  if (shardIds !== undefined) return () => true;
  if (position.kind === 'latest') return isOpen;
  const ids = new Set(shards.map(({ ShardId }) => ShardId));
  return (shard) => !parentsOf(shard).some((id) => ids.has(id));
}

function parentsOf({ ParentShardId, AdjacentParentShardId }: Shard): string[] {
  return [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined);
}

/** What its last answer says, and what ListShards said. */
function childrenOf(lane: Lane, waiting: ReadonlyMap<string, Shard>) {
  const told = lane.children.map(({ ShardId = '', ParentShards = [] }) => ({
    shardId: ShardId,
    parents: ParentShards,
  }));
  if (told.length > 0) return told;
  return [...waiting.values()]
    .map((shard) => ({ shardId: shard.ShardId ?? '', parents: parentsOf(shard) }))
    .filter(({ parents }) => parents.includes(lane.shardId));
}

/** Of a merge: the other parent has been read too. The last one to end begins the child. */
function isReady(
  parents: readonly string[],
  ended: Lane,
  reading: ReadonlyMap<Lane, unknown>,
  waiting: ReadonlyMap<string, Shard>,
): boolean {
  const others = parents.filter((id) => id !== ended.shardId);
  const isRead = [...reading.keys()].some(({ shardId }) => others.includes(shardId));
  return !isRead && !others.some((id) => waiting.has(id));
}

function afterParent(position: Position): Position {
  return position.kind === 'time' ? position : { kind: 'oldest' };
}
