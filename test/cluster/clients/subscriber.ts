import assert from 'node:assert/strict';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { type ClusterClient, numbersTo, repeat } from './client.ts';

const STREAM = { StreamName: 'followed' };

/** Puts numbered records, and follows them by enhanced fan-out: a subscription that ends is continued from its place. */
export class Subscriber implements ClusterClient {
  readonly name = 'a subscription';
  readonly answeredMs: number[] = [];
  readonly #kinesis: KinesisClient;
  /** Subscriptions end with its connections. */
  readonly #follower: KinesisClient;
  readonly #consumerArn: string;
  readonly #followed: string[] = [];
  #put = 0;
  #subscriptions = 0;
  #isFollowed = false;

  private constructor(kinesis: KinesisClient, follower: KinesisClient, consumerArn: string) {
    this.#kinesis = kinesis;
    this.#follower = follower;
    this.#consumerArn = consumerArn;
  }

  static async start(endpoint: string): Promise<Subscriber> {
    const options = clientOptions(endpoint);
    const [kinesis, follower] = [new KinesisClient(options), new KinesisClient(options)];
    await kinesis.send(new CreateStreamCommand({ ...STREAM, ShardCount: 1 }));
    await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30 }, STREAM);
    const { StreamDescriptionSummary: stream } = await kinesis.send(new DescribeStreamSummaryCommand(STREAM));
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN: stream?.StreamARN, ConsumerName: 'follower' }),
    );
    return new Subscriber(kinesis, follower, Consumer?.ConsumerARN ?? '');
  }

  async work(stop: AbortSignal): Promise<void> {
    // A failure of the follower ends it at once.
    await Promise.race([repeat(stop, () => this.#putRecord(), this.answeredMs), this.#follow()]);
  }

  async #putRecord(): Promise<void> {
    const record = { PartitionKey: 'a', Data: Buffer.from(String(this.#put)) };
    await this.#kinesis.send(new PutRecordCommand({ ...STREAM, ...record }));
    this.#put++;
  }

  async #follow(): Promise<void> {
    let from: StartingPosition = { Type: 'TRIM_HORIZON' };
    while (!this.#isFollowed) {
      const { EventStream = [] } = await this.#follower.send(
        new SubscribeToShardCommand({
          ConsumerARN: this.#consumerArn,
          ShardId: 'shardId-000000000000',
          StartingPosition: from,
        }),
      );
      this.#subscriptions++;
      try {
        for await (const { SubscribeToShardEvent: event } of EventStream) {
          for (const { Data = [] } of event?.Records ?? []) this.#followed.push(Buffer.from(Data).toString());
          const SequenceNumber = event?.ContinuationSequenceNumber;
          if (SequenceNumber !== undefined) from = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber };
        }
      } catch {
        // It ends with the machine that served it, or with its client.
      }
    }
  }

  /** Each record once, in order. */
  async check(): Promise<string> {
    const expected = numbersTo(this.#put);
    await until(() => this.#followed.length >= expected.length, { what: 'all records are pushed' });
    this.#isFollowed = true;
    // The SDK does not tell a reader that its client was destroyed: it would wait for the end of the subscription.
    this.#follower.destroy();
    this.#kinesis.destroy();
    assert.deepEqual(this.#followed, expected);
    return `${expected.length} records in ${this.#subscriptions} subscriptions`;
  }
}
