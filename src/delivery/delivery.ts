import assert from 'node:assert';
import type { ShardBatch } from '../consumers/batch.ts';
import type { KeyedLock } from '../support/keyed-lock.ts';
import { compareSequenceNumbers } from '../consumers/checkpoints.ts';
import { type StreamRecord, type StreamView, UnknownShardError } from '../consumers/source.ts';
import { FailureLog } from '../consumers/failure-log.ts';
import { StreamConsumer } from '../consumers/stream-consumer.ts';
import type { Catalog } from '../engine/catalog.ts';
import { limits } from '../limits.ts';
import type { Clock } from '../support/clock.ts';
import type { PauseGate } from '../support/pause-gate.ts';
import type { Log } from '../support/log.ts';
import type { DeliveryBatch } from './destination.ts';
import { type Range, DeliveryRanges } from './ranges.ts';
import type { DeliverySpec } from './spec.ts';

export interface DeliveryParts {
  readonly catalog: Catalog;
  readonly shardLocks: KeyedLock;
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
  readonly #trouble: FailureLog;
  readonly #closing = new AbortController();
  #consumer: StreamConsumer;
  #changing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(spec: DeliverySpec, parts: DeliveryParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#ranges = new DeliveryRanges(parts.catalog, spec.id, (...begun) =>
      this.#trouble.watch(() => this.#finish(...begun)),
    );
    this.#trouble = new FailureLog(spec.called, parts.log);
    this.#consumer = this.#reader(spec.buffering.ageMsMax);
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
      this.#closing.abort();
      await this.#consumer.close();
      await this.#spec.destination.close();
      this.#spec.counters.release();
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #reader(freshnessMs: number): StreamConsumer {
    const { shardLocks, clock, log } = this.#parts;
    const { id, source, stream, buffering } = this.#spec;
    return new StreamConsumer({
      name: `delivery/${id}`,
      stream,
      source,
      positions: this.#ranges,
      shardLocks,
      batch: { ...buffering, ageMsMax: freshnessMs },
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
          maxBytes: this.#spec.buffering.bytesMax,
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
    const { clock, gate } = this.#parts;
    const { id, destination, errorOutput, counters } = this.#spec;
    if (records.length === 0) return;
    const { firstSequenceNumber, lastSequenceNumber, firstArrivalMs } = range;
    const batch: DeliveryBatch = {
      deliveryId: `${id}/${shardId}/${firstSequenceNumber}-${lastSequenceNumber}`,
      shardId,
      firstSequenceNumber,
      lastSequenceNumber,
      firstArrivalMs,
      records: records.map((record) => ({ ...record, shardId, subSequenceNumber: 0 })),
    };
    try {
      const { refused, ...result } = await destination.deliver(batch, this.#closing.signal);
      if (refused.length > 0) await errorOutput.write(batch, refused);
      counters.delivered({
        ...result,
        records: records.length,
        bytesIn: records.reduce((sum, { data }) => sum + data.length, 0),
        refused: refused.length,
        ageMs: clock.now() - firstArrivalMs,
      });
    } catch (error) {
      counters.failed(clock.now() - firstArrivalMs);
      throw error;
    }
    this.#trouble.cleared();
    await gate.wait();
  }
}
