import assert from 'node:assert/strict';
import {
  type KinesisClient,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  type SubscribeToShardEvent,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { ARN, SHARD_0, texts } from './streams.ts';

export async function register(
  client: KinesisClient,
  ConsumerName = 'app',
  stream = 'orders',
): Promise<string> {
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN: `${ARN}/${stream}`, ConsumerName }),
  );
  return Consumer?.ConsumerARN ?? '';
}

export async function subscribe(
  client: KinesisClient,
  ConsumerARN: string,
  position: StartingPosition = { Type: 'LATEST' },
  ShardId = SHARD_0,
) {
  // The SDK leaves the request open when one stops reading its events; to abort it is what ends it.
  const request = new AbortController();
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition: position }),
    { abortSignal: request.signal },
  );
  assert(EventStream !== undefined);
  const events = EventStream[Symbol.asyncIterator]();
  return {
    /** The next event; undefined when the subscription has ended. */
    async next(): Promise<SubscribeToShardEvent | undefined> {
      const { value, done } = await events.next();
      if (done === true) return undefined;
      assert(value.SubscribeToShardEvent !== undefined, JSON.stringify(value));
      return value.SubscribeToShardEvent;
    },
    /** So many records, however many events they come in. */
    async records(count: number): Promise<string[]> {
      const got: string[] = [];
      while (got.length < count) got.push(...texts((await this.next())?.Records ?? []));
      return got;
    },
    async stop(): Promise<void> {
      request.abort();
      await events.return?.();
    },
  };
}

/** The position with which a reader goes on after an event. */
export function after(event: SubscribeToShardEvent | undefined): StartingPosition {
  return { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: event?.ContinuationSequenceNumber };
}
