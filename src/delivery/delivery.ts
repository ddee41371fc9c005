import assert from 'node:assert';
import type { ShardBatch } from '../consumers/batch.ts';
import type { KeyedLock } from '../support/keyed-lock.ts';
import { compareSequenceNumbers } from '../consumers/checkpoints.ts';
import { type StreamRecord, type StreamView, UnknownShardError } from '../consumers/source.ts';
import { FailureLog } from '../consumers/failure-log.ts';
import { StreamConsumer } from '../consumers/stream-consumer.ts';
import type { Catalog } from '../engine/catalog.ts';
import { limits } from '../limits.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { ObjectStore } from '../services/s3/object-store.ts';
import type { Clock } from '../support/clock.ts';
import type { PauseGate } from '../support/pause-gate.ts';
import type { Log } from '../support/log.ts';
import { DeliveryCounters } from './counters.ts';
import { type Range, DeliveryRanges } from './ranges.ts';
import { type Delivered, writeRange } from './range-writer.ts';
import type { DeliverySpec } from './spec.ts';

export interface DeliveryParts {
  readonly catalog: Catalog;
  readonly store: ObjectStore;
  readonly shardLocks: KeyedLock;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Passed before a checkpoint advances. */
  readonly gate: PauseGate;
}

/**
 * A running delivery: writes the records of each shard, in order, as objects. An object is written when its oldest
 * record reaches the maximum age, when there is enough data for it, or at the end of a shard.
 *
 * Guarantee: each record is in exactly one object, whatever is lost or repeated in between; a checkpoint advances
 * only when the object before it is safe.
 */
export class Delivery {
  readonly #spec: DeliverySpec;
  readonly #parts: DeliveryParts;
  readonly #ranges: DeliveryRanges;
  readonly #counters: DeliveryCounters;
  readonly #trouble: FailureLog;
  #consumer: StreamConsumer;
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(spec: DeliverySpec, parts: DeliveryParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#ranges = new DeliveryRanges(parts.catalog, spec.id, (...begun) =>
      this.#trouble.watch(() => this.#finish(...begun)),
    );
    this.#counters = new DeliveryCounters(parts.metrics, spec.metrics);
    this.#trouble = new FailureLog(spec.called, parts.log);
    this.#consumer = this.#reader(spec.freshnessMs);
    this.#consumer.start();
  }

  /** Also applies to records that are not delivered yet: they are read again. */
  setFreshness(freshnessMs: number): Promise<void> {
    return this.#inTurn(async () => {
      await this.#consumer.close();
      if (this.#closed) return;
      this.#consumer = this.#reader(freshnessMs);
      this.#consumer.start();
    });
  }

  /** Stops reading and waits for the objects that are being written. Undelivered records stay in the stream. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inTurn(async () => {
      await this.#consumer.close();
      this.#counters.release();
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #reader(freshnessMs: number): StreamConsumer {
    const { shardLocks, clock, log } = this.#parts;
    const { id, source, stream } = this.#spec;
    return new StreamConsumer({
      name: `delivery/${id}`,
      stream,
      source,
      positions: this.#ranges,
      shardLocks,
      batch: {
        recordsMax: limits.deliveryObjectRecordsMax,
        bytesMax: limits.deliveryObjectBytesMax,
        ageMsMax: freshnessMs,
      },
      handle: (batch) => this.#trouble.watch(() => this.#deliver(batch)),
      clock,
      log,
    });
  }

  async #deliver({ stream, shard, records }: ShardBatch): Promise<void> {
    const [first] = records;
    const last = records.at(-1);
    assert(first !== undefined && last !== undefined, 'a batch has at least one record');
    const range: Range = {
      firstSequenceNumber: first.sequenceNumber,
      lastSequenceNumber: last.sequenceNumber,
      firstArrivalMs: first.arrivalMs,
    };
    const begun = this.#ranges.begun(stream, shard.shardId);
    if (begun === undefined) await this.#ranges.begin(stream, shard.shardId, range);
    // A batch is delivered again unchanged, and an earlier run's range was finished before anything was read.
    else assert.deepEqual({ ...begun }, range, 'only the range that was begun is delivered');
    await this.#write(shard.shardId, range, records);
  }

  async #finish(stream: StreamView, shardId: string, range: Range): Promise<void> {
    const { log } = this.#parts;
    log.info(
      { stream: stream.name, shard: shardId, ...range },
      'completing an object that an earlier run had started',
    );
    await this.#write(shardId, range, await this.#read(stream, shardId, range));
  }

  /** Reads the records of a range, without those that have expired since. */
  async #read(stream: StreamView, shardId: string, range: Range): Promise<StreamRecord[]> {
    const { firstSequenceNumber, lastSequenceNumber } = range;
    const found: StreamRecord[] = [];
    try {
      const reader = await this.#spec.source.open(stream, shardId, {
        type: 'AT_SEQUENCE_NUMBER',
        sequenceNumber: firstSequenceNumber,
      });
      for (;;) {
        const { records } = await reader.read({
          maxRecords: limits.consumerReadRecordsMax,
          maxBytes: limits.deliveryObjectBytesMax,
        });
        const within = records.filter(
          ({ sequenceNumber }) => compareSequenceNumbers(sequenceNumber, lastSequenceNumber) <= 0,
        );
        found.push(...within);
        const reached = within.at(-1)?.sequenceNumber === lastSequenceNumber;
        if (reached || within.length < records.length || records.length === 0) return found;
      }
    } catch (error) {
      if (error instanceof UnknownShardError) return found;
      throw error;
    }
  }

  async #write(shardId: string, range: Range, records: readonly StreamRecord[]): Promise<void> {
    const { store, clock, gate } = this.#parts;
    if (records.length === 0) return;
    let delivered: Delivered;
    try {
      delivered = await writeRange(this.#spec, store, shardId, range, records);
    } catch (error) {
      this.#counters.failed();
      throw error;
    }
    this.#trouble.cleared();
    this.#counters.delivered(delivered, clock.now() - range.firstArrivalMs);
    await gate.wait();
  }
}
