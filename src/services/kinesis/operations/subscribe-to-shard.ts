import type {
  StartingPosition,
  SubscribeToShardInput,
  SubscribeToShardOutput,
} from '@aws-sdk/client-kinesis';
import type { Checked } from '../../../protocol/service.ts';
import { resolveConsumer } from '../read/consumers.ts';
import type { KinesisReads, ReadHandler } from '../context.ts';
import { dryRun, resourceInUse, resourceNotFound, shardDoesNotExist, shardNotFound } from '../errors.ts';
import { type Shard, shardIdOf, shardIndexOf } from '../shards/shard.ts';
import { startOf } from '../read/start-position.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Pushes a shard's records as they become durable, for five minutes. A second subscription of the same consumer to the
 * shard is refused for 5 seconds, even if the first has ended; after that it replaces the first. At a machine that follows
 * the owner it replaces the first at once.
 */
export const subscribeToShard: ReadHandler<SubscribeToShardInput, SubscribeToShardOutput> = async (
  kinesis,
  input,
  { http: { responseMemory } },
) => {
  const consumer = resolveConsumer(kinesis, input);
  const { stream } = consumer;
  if (consumer.status === 'DELETING') {
    throw resourceNotFound(`Consumer ${consumer.arn} under account ${kinesis.accountId} not found.`);
  }
  if (consumer.status === 'CREATING') {
    throw resourceInUse(`Consumer ${consumer.arn} is not ACTIVE, instead in state CREATING`);
  }
  const shard = find(kinesis, stream, input.ShardId);
  const position = await startOf(kinesis, stream, shard, requested(input.StartingPosition));
  if (input.DryRun === true) throw dryRun();
  return { EventStream: kinesis.subscriptions.open(kinesis, consumer, shard, position, responseMemory) };
};

function requested(position: Checked<StartingPosition>) {
  return {
    type: position.Type,
    sequenceNumber: position.SequenceNumber,
    timestamp: position.Timestamp,
    operation: 'SubscribeToShard',
  };
}

function find(kinesis: KinesisReads, stream: Stream, shardId: string): Shard {
  const index = shardIndexOf(shardId);
  if (index === undefined) throw shardNotFound(shardId, stream.name, kinesis.accountId);
  const shard = stream.shard(index);
  if (shard === undefined || stream.hasExpired(shard, kinesis.clock.now())) {
    throw shardDoesNotExist(shardIdOf(index), stream.name, kinesis.accountId);
  }
  return shard;
}
