import type { _Record, SubscribeToShardEvent, SubscribeToShardEventStream } from '@aws-sdk/client-kinesis';
import type { ServiceError } from '../../../errors.ts';
import type { HttpRequest } from '../../../http/message.ts';
import { kinesisLimits } from '../limits.ts';
import { sleep } from '../../../support/clock.ts';
import type { SharedDelay } from '../../../support/shared-delay.ts';
import type { Consumer } from './consumers.ts';
import type { SubscriptionContext } from './context.ts';
import { shardDoesNotExist } from '../errors.ts';
import { readBytesGranted } from './read-memory.ts';
import { eachRecord, readShard, type ShardRead } from './read.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

/** The delays that all subscriptions share. */
export interface SubscriptionDelays {
  /** After which an event without records is sent. */
  readonly idle: SharedDelay;
  /** After which a subscription ends. */
  readonly life: SharedDelay;
}

export interface SubscriptionEvents {
  readonly ended: () => void;
  /** It cannot go on at this machine, which follows the owner: the owner serves the next one, and says why. */
  readonly left: () => void;
}

/**
 * One subscription: sends an event whenever there are records, and an empty one after a while without. It reads only when
 * the next event is requested, so that a slow reader costs the memory of one. Not a generator: `return` must end a
 * pending `next`.
 */
export class Subscription
  implements AsyncIterable<SubscribeToShardEventStream>, AsyncIterator<SubscribeToShardEventStream>
{
  readonly openedMs: number;
  readonly #kinesis: SubscriptionContext;
  readonly #consumer: Consumer;
  readonly #stream: Stream;
  readonly #shardIndex: number;
  readonly #shardId: string;
  readonly #idleDelay: SharedDelay;
  readonly #cancelExpiry: () => void;
  readonly #memory: HttpRequest['responseMemory'];
  readonly #events: SubscriptionEvents;
  #position: number;
  #lastArrivalMs: number;
  #millisBehindLatest = 0;
  #greeted = false;
  #ended = false;
  /** Of the wait for the next event: aborts when it is time for one without records, and at the end. */
  #wait = new AbortController();
  #failure: ServiceError | undefined;

  constructor(
    kinesis: SubscriptionContext,
    consumer: Consumer,
    shard: Shard,
    position: number,
    memory: HttpRequest['responseMemory'],
    delays: SubscriptionDelays,
    events: SubscriptionEvents,
  ) {
    this.#kinesis = kinesis;
    this.#memory = memory;
    this.#consumer = consumer;
    this.#stream = consumer.stream;
    this.#shardIndex = shard.index;
    this.#shardId = shard.id;
    this.#position = position;
    this.#events = events;
    this.#idleDelay = delays.idle;
    this.openedMs = kinesis.clock.now();
    this.#lastArrivalMs = this.openedMs;
    this.#cancelExpiry = delays.life.add(() => this.end());
  }

  get stream(): Stream {
    return this.#stream;
  }

  get consumerName(): string {
    return this.#consumer.row.name;
  }

  get consumerArn(): string {
    return this.#consumer.arn;
  }

  get shardId(): string {
    return this.#shardId;
  }

  /** The index of the next record that it sends. */
  get position(): number {
    return this.#position;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    try {
      return await this.#next();
    } catch (error) {
      // A copy can be closed, or replaced, in the midst of a read.
      if (this.#kinesis.isCopy === true && error !== this.#failure) this.leave();
      else {
        this.end();
        throw error;
      }
      return { done: true, value: undefined };
    }
  }

  async #next(): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    while (!this.#ended) {
      const shard = this.#stream.gone ? undefined : this.#stream.shard(this.#shardIndex);
      if (shard === undefined)
        throw shardDoesNotExist(this.#shardId, this.#stream.name, this.#kinesis.accountId);
      const wait = new AbortController();
      this.#wait = wait;
      const cancel = this.#idleDelay.add(() => wait.abort());
      try {
        await this.#pace(shard, wait.signal);
        if (this.#ended) break;
        if (wait.signal.aborted) return { value: this.#event(shard, this.#nothingRead()) };
        const read = await this.#read(shard);
        // The first event tells the reader its position, even if it has no records.
        if (read.batches.length > 0 || read.ended || !this.#greeted)
          return { value: this.#event(shard, read) };
        await this.#whenThereIsMore(shard, wait.signal);
        if (wait.signal.aborted && !this.#ended) return { value: this.#event(shard, read) };
      } finally {
        cancel();
      }
    }
    if (this.#failure !== undefined) throw this.#failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    this.end();
    return await Promise.resolve({ done: true, value: undefined });
  }

  /** With limits: waits until the events that were pushed before have used up their time. */
  async #pace(shard: Shard, signal: AbortSignal): Promise<void> {
    const { clock, throttles } = this.#kinesis;
    const bucket = throttles.of(this.#stream)?.fanOut(shard, this.#consumer.arn);
    const waitMs = bucket?.waitMs(clock.now()) ?? 0;
    if (waitMs > 0) await sleep(clock, waitMs, signal);
  }

  async #read(shard: Shard): Promise<ShardRead> {
    const read = await readShard(this.#kinesis, this.#stream, shard, this.#position, {
      maxRecords: kinesisLimits.getRecordsMax,
      maxBytes: readBytesGranted(this.#memory, kinesisLimits.subscriptionEventBytesMax),
    });
    if (read.batches.length === 0) this.#memory.free();
    this.#position = read.nextPosition;
    return read;
  }

  async #whenThereIsMore(shard: Shard, signal: AbortSignal): Promise<void> {
    const { engine } = this.#kinesis;
    await engine.waitFor(shard.log, this.#position, signal);
    const { sealed, nextIndex } = engine.bounds(shard.log);
    if (sealed && nextIndex <= this.#position) await this.#stream.whenSettled(signal);
  }

  /** While it is not yet time to read: where the reader is has not changed. */
  #nothingRead(): ShardRead {
    return {
      batches: [],
      nextPosition: this.#position,
      millisBehindLatest: this.#millisBehindLatest,
      ended: false,
    };
  }

  #event(shard: Shard, read: ShardRead): SubscribeToShardEventStream {
    this.#greeted = true;
    this.#millisBehindLatest = read.millisBehindLatest;
    const records = this.#records(shard, read);
    const { event: counted } = this.#stream.metrics.subscription(this.#consumer.row.name);
    const bytes = records.reduce((sum, { Data }) => sum + (Data?.length ?? 0), 0);
    const { clock, throttles } = this.#kinesis;
    throttles.of(this.#stream)?.fanOut(shard, this.#consumer.arn)?.charge(bytes, clock.now());
    counted.records.add(records.length);
    counted.bytes.add(bytes);
    counted.behind.add(read.millisBehindLatest);
    counted.success.add(1);
    const event: SubscribeToShardEvent = {
      Records: records,
      // Its absence, together with ChildShards, tells readers that the shard has ended.
      ContinuationSequenceNumber: read.ended
        ? undefined
        : shard.sequenceNumber(this.#position - 1, this.#lastArrivalMs),
      MillisBehindLatest: read.millisBehindLatest,
      ChildShards: read.ended
        ? this.#stream.children(shard).map((child) => child.describeChild())
        : undefined,
    };
    if (read.ended) this.end();
    return { SubscribeToShardEvent: event };
  }

  #records(shard: Shard, read: ShardRead): _Record[] {
    const records: _Record[] = [];
    for (const batch of read.batches) {
      this.#lastArrivalMs = batch.arrivalMs;
      const ApproximateArrivalTimestamp = new Date(batch.arrivalMs);
      eachRecord(this.#kinesis, this.#stream, shard, batch, ({ data, partitionKey }, number, encrypted) => {
        records.push({
          SequenceNumber: number,
          ApproximateArrivalTimestamp,
          Data: data,
          PartitionKey: partitionKey,
          ...(encrypted && { EncryptionType: 'KMS' }),
        });
      });
    }
    return records;
  }

  /** Ends the subscription with an error that is sent to the reader. */
  fail(error: ServiceError): void {
    this.#failure = error;
    this.end();
  }

  /** Ends it in order at a machine that follows the owner. The reader goes on at the owner. */
  leave(): void {
    this.#events.left();
    this.end();
  }

  end(): void {
    this.#cancelExpiry();
    this.#ended = true;
    this.#wait.abort();
    this.#events.ended();
  }
}
