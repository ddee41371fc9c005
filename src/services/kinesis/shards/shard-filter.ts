import type { ShardFilter } from '@aws-sdk/client-kinesis';
import type { Checked } from '../../../protocol/service.ts';
import type { KinesisReads } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { requireShardIndex } from './reshard-checks.ts';
import type { Shard } from './shard.ts';
import type { Stream } from '../streams/stream.ts';

/** A ShardFilter as it applies to every page of a listing: times are those of the first page. */
export type StoredFilter =
  | { readonly type: 'all' }
  | { readonly type: 'after'; readonly index: number }
  | { readonly type: 'open' }
  /** Open at that time; those shards cover every hash key exactly once. */
  | { readonly type: 'at'; readonly timeMs: number }
  /** Open at that time or created since. */
  | { readonly type: 'from'; readonly timeMs: number };

/** Throws InvalidArgumentException if the filter lacks a member that its type needs, or has one of another type. */
export function storedFilter(
  kinesis: KinesisReads,
  stream: Stream,
  filter: Checked<ShardFilter> | undefined,
): StoredFilter {
  if (filter === undefined) return { type: 'all' };
  const { Type, ShardId, Timestamp } = filter;
  const timed = Type === 'AT_TIMESTAMP' || Type === 'FROM_TIMESTAMP';
  if ((ShardId !== undefined) !== (Type === 'AFTER_SHARD_ID')) {
    throw invalidArgument(mustOrMayNot('ShardId', Type === 'AFTER_SHARD_ID', Type));
  }
  if ((Timestamp !== undefined) !== timed) throw invalidArgument(mustOrMayNot('Timestamp', timed, Type));
  const horizonMs = Math.max(stream.row.createdMs, kinesis.clock.now() - stream.retentionMs);
  switch (Type) {
    case 'AFTER_SHARD_ID':
      return { type: 'after', index: requireShardIndex(kinesis, ShardId ?? '', stream.name) };
    case 'AT_TRIM_HORIZON':
      return { type: 'at', timeMs: horizonMs };
    case 'FROM_TRIM_HORIZON':
      return { type: 'all' };
    case 'AT_LATEST':
      return { type: 'open' };
    case 'AT_TIMESTAMP':
      return { type: 'at', timeMs: notBefore(horizonMs, Timestamp) };
    case 'FROM_TIMESTAMP':
      return { type: 'from', timeMs: notBefore(horizonMs, Timestamp) };
  }
}

/**
 * AWS documents this for FROM_TIMESTAMP. AT_TIMESTAMP needs it too: the KCL requires shards that cover every hash
 * key, and there are none before the stream was created, or not all of them before the trim horizon.
 */
function notBefore(horizonMs: number, time: Date | undefined): number {
  return Math.max(horizonMs, time?.getTime() ?? horizonMs);
}

function mustOrMayNot(member: string, must: boolean, type: string): string {
  return `${member} ${must ? 'must be' : 'cannot be'} specified in a ShardFilter of type ${type}.`;
}

export function selectShards(shards: readonly Shard[], filter: StoredFilter): Shard[] {
  return shards.filter((shard) => matches(shard, filter));
}

function matches({ index, closed, row }: Shard, filter: StoredFilter): boolean {
  switch (filter.type) {
    case 'all':
      return true;
    case 'after':
      return index > filter.index;
    case 'open':
      return closed === undefined;
    case 'at':
      return row.openedMs <= filter.timeMs && (closed === undefined || closed.atMs > filter.timeMs);
    case 'from':
      return closed === undefined || closed.atMs >= filter.timeMs;
  }
}
