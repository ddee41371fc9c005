import type { _Record, SubscribeToShardEvent, SubscribeToShardEventStream } from '@aws-sdk/client-kinesis';
import type { ServiceError } from '../../../errors.ts';
import type { HttpRequest } from '../../../http/message.ts';
import { limits } from '../../../limits.ts';
import { sleep } from '../../../support/clock.ts';
import type { Consumer } from './consumers.ts';
import type { Kinesis } from '../context.ts';
import { shardDoesNotExist } from '../errors.ts';
import { readBytesGranted } from './read-memory.ts';
import { eachRecord, readShard, type ShardRead } from './read.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * One subscription: sends an event whenever there are records, and from time to time an empty one. It reads only when
 * the next event is requested, so that a slow reader costs the memory of one. Not a generator: `return` must end a
 * pending `next`.
 */
export class Subscription
  implements AsyncIterable<SubscribeToShardEventStream>, AsyncIterator<SubscribeToShardEventStream>
{
  readonly openedMs: number;
  readonly #kinesis: Kinesis;
  readonly #consumer: Consumer;
  readonly #stream: Stream;
  readonly #shardIndex: number;
  readonly #shardId: string;
  readonly #stop = new AbortController();
  readonly #cancelExpiry: () => void;
  readonly #memory: HttpRequest['responseMemory'];
  readonly #onEnd: () => void;
  #position: number;
  #lastArrivalMs: number;
  #greeted = false;
  #failure: ServiceError | undefined;

  constructor(
    kinesis: Kinesis,
    consumer: Consumer,
    shard: Shard,
    position: number,
    memory: HttpRequest['responseMemory'],
    onEnd: () => void,
  ) {
    this.#kinesis = kinesis;
    this.#memory = memory;
    this.#consumer = consumer;
    this.#stream = consumer.stream;
    this.#shardIndex = shard.index;
    this.#shardId = shard.id;
    this.#position = position;
    this.#onEnd = onEnd;
    this.openedMs = kinesis.clock.now();
    this.#lastArrivalMs = this.openedMs;
    this.#cancelExpiry = kinesis.clock.schedule(limits.kinesisSubscriptionMs, () => this.end());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    while (!this.#stop.signal.aborted) {
      const shard = this.#stream.gone ? undefined : this.#stream.shard(this.#shardIndex);
      if (shard === undefined) {
        this.fail(shardDoesNotExist(this.#shardId, this.#stream.name, this.#kinesis.accountId));
        break;
      }
      const idle = this.#idle();
      try {
        await this.#pace(shard);
        if (this.#stop.signal.aborted) break;
        const read = await this.#read(shard);
        // The first event tells the reader its position, even if it has no records.
        if (read.batches.length > 0 || read.ended || !this.#greeted)
          return { value: this.#event(shard, read) };
        await this.#wait(shard, idle.signal);
        if (idle.signal.aborted && !this.#stop.signal.aborted) return { value: this.#event(shard, read) };
      } finally {
        idle.cancel();
      }
    }
    if (this.#failure !== undefined) throw this.#failure;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    this.end();
    return await Promise.resolve({ done: true, value: undefined });
  }

  /** A signal that aborts when the subscription ends or an empty event is due. */
  #idle(): { signal: AbortSignal; cancel: () => void } {
    const timer = new AbortController();
    const cancel = this.#kinesis.clock.schedule(limits.kinesisSubscriptionIdleMs, () => timer.abort());
    return { signal: AbortSignal.any([timer.signal, this.#stop.signal]), cancel };
  }

  /** With limits: waits until the events that were pushed before have used up their time. */
  async #pace(shard: Shard): Promise<void> {
    const { clock, throttles } = this.#kinesis;
    const bucket = throttles.of(this.#stream)?.fanOut(shard, this.#consumer.arn);
    const waitMs = bucket?.waitMs(clock.now()) ?? 0;
    if (waitMs > 0) await sleep(clock, waitMs, this.#stop.signal);
  }

  async #read(shard: Shard): Promise<ShardRead> {
    const read = await readShard(this.#kinesis, this.#stream, shard, this.#position, {
      maxRecords: limits.kinesisGetRecordsMax,
      maxBytes: readBytesGranted(this.#memory, limits.kinesisSubscriptionEventBytesMax),
    });
    if (read.batches.length === 0) this.#memory.free();
    this.#position = read.nextPosition;
    return read;
  }

  async #wait(shard: Shard, signal: AbortSignal): Promise<void> {
    const { engine } = this.#kinesis;
    await engine.waitFor(shard.log, this.#position, signal);
    const { sealed, nextIndex } = engine.bounds(shard.log);
    if (sealed && nextIndex <= this.#position) await this.#stream.whenSettled(signal);
  }

  #event(shard: Shard, read: ShardRead): SubscribeToShardEventStream {
    this.#greeted = true;
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

  end(): void {
    this.#cancelExpiry();
    this.#stop.abort();
    this.#onEnd();
  }
}
