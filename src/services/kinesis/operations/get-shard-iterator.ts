import type { GetShardIteratorInput, GetShardIteratorOutput } from '@aws-sdk/client-kinesis';
import type { Checked } from '../../../protocol/service.ts';
import type { ReadHandler, KinesisReads } from '../context.ts';
import { dryRun, invalidArgument, shardDoesNotExist, shardNotFound } from '../errors.ts';
import { startOf } from '../read/start-position.ts';
import { shardIdOf, shardIndexOf } from '../shards/shard.ts';

/** Returns an iterator for a position in a shard. It is opaque and valid for five minutes, also after a restart. */
export const getShardIterator: ReadHandler<GetShardIteratorInput, GetShardIteratorOutput> = async (
  kinesis,
  input,
) => {
  const { stream, shard } = find(kinesis, input);
  const position = await startOf(kinesis, stream, shard, {
    type: input.ShardIteratorType,
    sequenceNumber: input.StartingSequenceNumber,
    timestamp: input.Timestamp,
    operation: 'GetShardIterator',
  });
  if (input.DryRun === true) throw dryRun();
  return {
    ShardIterator: kinesis.iterators.encode({
      streamId: stream.id,
      streamName: stream.name,
      shardIndex: shard.index,
      position,
      createdMs: kinesis.clock.now(),
    }),
  };
};

function find(kinesis: KinesisReads, input: Checked<GetShardIteratorInput>) {
  const { streams, accountId } = kinesis;
  const index = shardIndexOf(input.ShardId);
  if (index === undefined) {
    throw shardNotFound(input.ShardId, input.StreamName ?? input.StreamARN ?? '', accountId);
  }
  if (input.StreamName === undefined && input.StreamARN === undefined && input.StreamId === undefined) {
    throw invalidArgument('Either StreamName or StreamARN should be provided.');
  }
  const stream = streams.resolveForData(input);
  const shard = stream.shard(index);
  if (shard === undefined || stream.hasExpired(shard, kinesis.clock.now())) {
    throw shardDoesNotExist(shardIdOf(index), stream.name, accountId);
  }
  return { stream, shard };
}
