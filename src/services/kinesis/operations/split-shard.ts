import type { SplitShardInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { formatHashKey, hashKeyToBigInt, parseHashKey } from '../shards/hash-key.ts';
import {
  checkShardLimit,
  requireOpen,
  requireReshardable,
  requireShard,
  requireShardIndex,
} from '../shards/reshard-checks.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

/** Splits a shard: closes it and opens two that cover its hash keys, the upper one starting at NewStartingHashKey. */
export const splitShard: Handler<SplitShardInput, void> = async (kinesis, input) => {
  const stream = kinesis.streams.resolve(input);
  const shard = requireShard(kinesis, stream, requireShardIndex(kinesis, input.ShardToSplit, stream.name));
  checkShardLimit(kinesis, 1);
  const at = parseHashKey(input.NewStartingHashKey);
  if (at === undefined || !isWithin(shard, hashKeyToBigInt(at))) {
    throw notWithin(stream, shard, input.NewStartingHashKey, kinesis.accountId);
  }
  requireReshardable(kinesis, stream, 'SplitShard');
  requireOpen(kinesis, stream, shard);
  await kinesis.streams.reshard(stream, { type: 'split', shardIndex: shard.index, at });
};

/** The bounds are AWS's: each child gets at least two hash keys. */
function isWithin(shard: Shard, key: bigint): boolean {
  return key > hashKeyToBigInt(shard.startHash) + 1n && key < hashKeyToBigInt(shard.endHash);
}

function notWithin(stream: Stream, shard: Shard, key: string, accountId: string) {
  return invalidArgument(
    `NewStartingHashKey ${key} used in SplitShard() on shard ${shard.id} in stream ${stream.name} under account ` +
      `${accountId} is not both greater than one plus the shard's StartingHashKey ` +
      `${formatHashKey(shard.startHash)} and less than the shard's EndingHashKey ${formatHashKey(shard.endHash)}.`,
  );
}
