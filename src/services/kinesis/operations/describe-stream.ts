import type { DescribeStreamInput, DescribeStreamOutput } from '@aws-sdk/client-kinesis';
import type { ReadHandler } from '../context.ts';
import { describeCommon, listedShards } from '../streams/describe.ts';
import { requireShardIndex } from '../shards/reshard-checks.ts';

const SHARDS_MAX = 100;

/** Describes a stream with its shards, at most 100 at a time: a greater Limit is accepted but returns 100 as well. */
export const describeStream: ReadHandler<DescribeStreamInput, DescribeStreamOutput> = (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  const { ExclusiveStartShardId } = input;
  const limit = Math.min(input.Limit ?? SHARDS_MAX, SHARDS_MAX);
  const after =
    ExclusiveStartShardId === undefined ? -1 : requireShardIndex(kinesis, ExclusiveStartShardId, stream.name);
  const following = listedShards(kinesis, stream).filter((shard) => shard.index > after);
  return {
    StreamDescription: {
      ...describeCommon(kinesis, stream),
      Shards: following.slice(0, limit).map((shard) => shard.describe()),
      HasMoreShards: following.length > limit,
    },
  };
};
