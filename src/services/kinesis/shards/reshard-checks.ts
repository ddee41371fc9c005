import { kinesisLimits } from '../limits.ts';
import type { Kinesis, KinesisReads } from '../context.ts';
import { invalidArgument, limitExceeded, shardNotFound, streamNotActive, validation } from '../errors.ts';
import type { StreamRow } from '../streams/rows.ts';
import { type Shard, shardIdOf, shardIndexOf } from './shard.ts';
import type { Stream } from '../streams/stream.ts';

/** Checks that CreateStream and the reshard operations share. */

/**
 * Throws LimitExceededException if this many additional open shards exceed the limit. Quotas apply to provisioned
 * streams.
 */
export function checkShardLimit(
  kinesis: Kinesis,
  additional: number,
  mode: StreamRow['mode'] = 'PROVISIONED',
): void {
  const { streams, throttles, accountId, region } = kinesis;
  const check = (present: number, most: number) => {
    if (present + additional <= most) return;
    throw limitExceeded(
      `This request would exceed the shard limit for the account ${accountId} in ${region}. Current shard count ` +
        `for the account: ${present}. Limit: ${most}. Number of additional shards that would have resulted from ` +
        `this request: ${additional}. Refer to the AWS Service Limits page ` +
        '(http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to ' +
        'request higher limits.',
    );
  };
  const { shardsPerAccount } = throttles.account;
  if (mode === 'PROVISIONED' && shardsPerAccount !== Infinity) {
    check(streams.provisionedShardCount, shardsPerAccount);
  }
  check(streams.openShardCount, kinesisLimits.shardsMax);
}

/** Parses the shard's index from its id, before the stream is looked up. */
export function requireShardIndex(kinesis: KinesisReads, shardId: string, streamName: string): number {
  const index = shardIndexOf(shardId);
  if (index === undefined) throw shardNotFound(shardId, streamName, kinesis.accountId);
  return index;
}

/** Finds a shard to split or merge. Throws ResourceNotFoundException. */
export function requireShard(kinesis: Kinesis, stream: Stream, index: number): Shard {
  const shard = stream.shard(index);
  if (shard === undefined || stream.hasExpired(shard, kinesis.clock.now())) {
    throw shardNotFound(shardIdOf(index), stream.name, kinesis.accountId);
  }
  return shard;
}

/** Only ACTIVE provisioned streams can be resharded by hand. */
export function requireReshardable(kinesis: Kinesis, stream: Stream, operation: string): void {
  if (stream.row.mode === 'ON_DEMAND') {
    throw validation(`${operation} is not supported for stream ${stream.name} in ON_DEMAND mode.`);
  }
  const status = kinesis.streams.status(stream);
  if (status !== 'ACTIVE') throw streamNotActive(stream.name, kinesis.accountId, status);
}

export function requireOpen(kinesis: Kinesis, stream: Stream, shard: Shard): void {
  if (shard.closed === undefined) return;
  throw invalidArgument(
    `Shard ${shard.id} in stream ${stream.name} under account ${kinesis.accountId} has already been merged or ` +
      'split, and thus is not eligible for merging or splitting.',
  );
}
