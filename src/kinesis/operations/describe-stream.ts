import type { DescribeStreamInput, DescribeStreamOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { describeCommon, listedShards } from '../describe.ts';
import { requireShardIndex } from '../resharding.ts';

const SHARDS_DEFAULT = 100;

/** Describes a stream with its shards, 100 at a time unless Limit says otherwise. */
export const describeStream: Handler<DescribeStreamInput, DescribeStreamOutput> = (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  const { ExclusiveStartShardId, Limit = SHARDS_DEFAULT } = input;
  const after =
    ExclusiveStartShardId === undefined ? -1 : requireShardIndex(kinesis, ExclusiveStartShardId, stream.name);
  const following = listedShards(kinesis, stream).filter((shard) => shard.index > after);
  return {
    StreamDescription: {
      ...describeCommon(kinesis, stream),
      Shards: following.slice(0, Limit).map((shard) => shard.describe()),
      HasMoreShards: following.length > Limit,
    },
  };
};
