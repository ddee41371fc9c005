import type { MergeShardsInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { LAST_HASH_KEY, stepHashKey } from '../shards/hash-key.ts';
import {
  requireOpen,
  requireReshardable,
  requireShard,
  requireShardIndex,
} from '../shards/reshard-checks.ts';

/** Merges two adjacent shards, the lower one named first: closes both and opens one that covers their hash keys. */
export const mergeShards: Handler<MergeShardsInput, void> = async (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  const indexes = [input.ShardToMerge, input.AdjacentShardToMerge].map((id) =>
    requireShardIndex(kinesis, id, stream.name),
  );
  const [lower, upper] = indexes.map((index) => requireShard(kinesis, stream, index));
  if (
    lower === undefined ||
    upper === undefined ||
    lower.endHash === LAST_HASH_KEY ||
    stepHashKey(lower.endHash, 1n) !== upper.startHash
  ) {
    throw invalidArgument(
      `Shards ${lower?.id} and ${upper?.id} in stream ${stream.name} under account ${kinesis.accountId} are not ` +
        'an adjacent pair of shards eligible for merging',
    );
  }
  requireReshardable(kinesis, stream, 'MergeShards');
  requireOpen(kinesis, stream, lower);
  requireOpen(kinesis, stream, upper);
  await kinesis.streams.reshard(stream, { type: 'merge', shardIndexes: [lower.index, upper.index] });
};
