import assert from 'node:assert';
import type { BufferRoom } from '../consumers/buffer-room.ts';
import type { ShardBatch } from '../consumers/batch.ts';
import { FailureLog } from '../consumers/failure-log.ts';
import type { ShardView, StreamRecord, StreamView } from '../consumers/source.ts';
import { StreamConsumer } from '../consumers/stream-consumer.ts';
import type { WorkSpan, WorkSpans } from '../support/work-spans.ts';
import type { Catalog } from '../engine/catalog.ts';
import { failureName, ServiceError } from '../errors.ts';
import type { Clock } from '../support/clock.ts';
import type { KeyedLock } from '../support/keyed-lock.ts';
import type { Log } from '../support/log.ts';
import type { TraceContext } from '../support/trace-context.ts';
import type { PauseGate } from '../support/pause-gate.ts';
import type { Decision, DeliveryBatch, DeliveryResult } from './destination.ts';
import { type Range, DeliveryRanges } from './ranges.ts';
import { deliveryRecords, readRange } from './source-records.ts';
import type { Buffering, DeliverySpec, Processed, Route } from './spec.ts';
import type { Staging } from './staging.ts';

export interface DeliveryDependencies {
  readonly catalog: Catalog;
  readonly shardLocks: KeyedLock;
  readonly room?: BufferRoom | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** The gate that is passed before a checkpoint advances. */
  readonly gate: PauseGate;
  /** For routes whose processing may give varying results. */
  readonly staging?: Staging | undefined;
  readonly spans?: WorkSpans | undefined;
}

/** Records that arrived until `flushedUntilMs` are delivered without waiting. */
type ReaderBuffering = Buffering & { readonly flushedUntilMs?: number };

/** A range of records in delivery, in its first attempt or a later one. */
interface Work {
  readonly stream: StreamView;
  readonly shard: Pick<ShardView, 'shardId' | 'startingHashKey' | 'endingHashKey'>;
  readonly range: Range;
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest?: number;
}

/**
 * A running delivery: delivers the records of each shard, in order, to the destination. A range is delivered when its
 * oldest record reaches the maximum age, when it has enough data, or at the end of a shard.
 *
 * Guarantee: each record is in exactly one range. A range is retried until it is delivered; only then does the
 * checkpoint advance. If the destination recognizes a repeated range, each record is delivered exactly once.
 */
export class Delivery {
  readonly #spec: DeliverySpec;
  readonly #dependencies: DeliveryDependencies;
  readonly #ranges: DeliveryRanges;
  readonly #trouble: FailureLog;
  readonly #closing = new AbortController();
  /** Processed records of ranges in progress, for the next attempt. Keys are shards. */
  readonly #processed = new Map<string, { readonly deliveryId: string; readonly processed: Processed }>();
  #buffering: ReaderBuffering;
  #consumer: StreamConsumer;
  #changing: Promise<void> = Promise.resolve();
  #closed = false;
  #failure: { readonly sinceMs: number; readonly reason: string } | undefined;
  /** First sequence numbers of ranges of earlier runs that the log has named, by shard. */
  readonly #resumed = new Map<string, string>();

  constructor(spec: DeliverySpec, dependencies: DeliveryDependencies) {
    this.#spec = spec;
    this.#dependencies = dependencies;
    this.#buffering = spec.buffering;
    this.#ranges = new DeliveryRanges({
      catalog: dependencies.catalog,
      id: spec.id,
      staging: dependencies.staging,
      finish: (...begun) => this.#trouble.watch(() => this.#finish(...begun)),
      onCheckpoint: spec.onCheckpoint,
    });
    this.#trouble = new FailureLog(spec.called, dependencies.log);
    this.#consumer = this.#reader();
    this.#consumer.start();
  }

  /** Why nothing can be delivered, and since when; undefined if the last attempt succeeded. */
  get failure(): { readonly sinceMs: number; readonly reason: string } | undefined {
    return this.#failure;
  }

  // These resolve when the attempts in progress have ended and reading goes on.

  /** Also applies to records that are not delivered yet: they are read again and attempted immediately. */
  setFreshness(freshnessMs: number): Promise<void> {
    return this.#restart({ ageMsMax: freshnessMs });
  }

  /** Delivers the records that have arrived so far without waiting for more. Retries failed ranges immediately. */
  flush(): Promise<void> {
    return this.#restart({ flushedUntilMs: this.#dependencies.clock.now() });
  }

  /** Retries failed ranges immediately. */
  retry(): Promise<void> {
    return this.#restart({});
  }

  #restart(change: Partial<ReaderBuffering>): Promise<void> {
    return this.#inTurn(async () => {
      await this.#consumer.close();
      if (this.#closed) return;
      this.#buffering = { ...this.#buffering, ...change };
      this.#consumer = this.#reader();
      this.#consumer.start();
    });
  }

  /** Stops reading and waits for the attempts in progress. Undelivered records stay in the stream. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.abort();
    await this.#inTurn(async () => {
      await this.#consumer.close();
      await this.#spec.route.destination.close();
      this.#spec.counters.release();
    });
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#changing.then(change);
    this.#changing = turn.catch(() => undefined);
    return turn;
  }

  #reader(): StreamConsumer {
    const { shardLocks, clock, log, room } = this.#dependencies;
    const { id, source, stream, route } = this.#spec;
    const sizeOf = route.processing?.sizeOf;
    return new StreamConsumer({
      name: `delivery/${id}`,
      stream,
      source,
      positions: this.#ranges,
      shardLocks,
      batch: {
        ...this.#buffering,
        ...(room !== undefined && { room }),
        ...(sizeOf !== undefined && { sizeOf }),
      },
      handle: (batch) => this.#trouble.watch(() => this.#deliver(batch)),
      clock,
      log,
    });
  }

  async #deliver({ stream, shard, records, millisBehindLatest }: ShardBatch): Promise<void> {
    const { version, route } = this.#spec;
    const [first] = records;
    const last = records.at(-1);
    assert(first !== undefined && last !== undefined, 'a batch has at least one record');
    const bounds = {
      firstSequenceNumber: first.sequenceNumber,
      lastSequenceNumber: last.sequenceNumber,
      firstArrivalMs: first.arrivalMs,
    };
    let range = this.#ranges.begun(stream, shard.shardId);
    if (range === undefined) {
      const decision = await this.#decide(route, first.arrivalMs);
      range = {
        ...bounds,
        ...(version !== undefined && { version }),
        ...(decision !== undefined && { decision }),
      };
      await this.#ranges.begin(stream, shard.shardId, range);
    } else {
      const { firstSequenceNumber, lastSequenceNumber, firstArrivalMs } = range;
      // A batch is retried unchanged, and a range of an earlier run is finished before anything is read.
      assert.deepEqual(
        { firstSequenceNumber, lastSequenceNumber, firstArrivalMs },
        bounds,
        'the range that began is the one that is delivered',
      );
    }
    await this.#attempt({ stream, shard, range, records, millisBehindLatest }, route);
  }

  async #decide({ destination }: Route, firstArrivalMs: number): Promise<Decision | undefined> {
    try {
      return await destination.decide?.();
    } catch (error) {
      this.#failed(this.#dependencies.clock.now() - firstArrivalMs, error);
      throw error;
    }
  }

  #failed(ageMs: number, error: unknown): void {
    this.#spec.counters.failed(ageMs, error);
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = { sinceMs: this.#failure?.sinceMs ?? this.#dependencies.clock.now(), reason };
  }

  /** Completes a range that an earlier run, or an earlier version of the route, began. */
  async #finish(stream: StreamView, shardId: string, range: Range): Promise<void> {
    const { version, route, earlierRoute, source } = this.#spec;
    const shard = stream.shards.find((known) => known.shardId === shardId);
    if (shard === undefined) return;
    this.#logResumed(stream.name, shardId, range);
    const records = range.staged === undefined ? await readRange(source, stream, shardId, range) : [];
    const earlier =
      range.version === undefined || range.version === version ? undefined : earlierRoute?.(range.version);
    if (earlier === undefined) return await this.#attempt({ stream, shard, range, records }, route);
    try {
      await this.#attempt({ stream, shard, range, records }, earlier);
    } catch (error) {
      if (!isBucketGone(error)) throw error;
      // The objects that were written are gone with the bucket: the range starts again.
      const { version: _earlier, ...rest } = range;
      const restarted: Range = { ...rest, ...(version !== undefined && { version }) };
      await this.#ranges.begin(stream, shardId, restarted);
      await this.#attempt({ stream, shard, range: restarted, records }, route);
    }
  }

  /** Once for each range, however often it is tried. */
  #logResumed(stream: string, shard: string, { firstSequenceNumber, lastSequenceNumber }: Range): void {
    if (this.#resumed.get(shard) === firstSequenceNumber) return;
    this.#resumed.set(shard, firstSequenceNumber);
    this.#dependencies.log.info(
      { stream, shard, firstSequenceNumber, lastSequenceNumber },
      `${this.#spec.called}: completing a range that an earlier run began`,
    );
  }

  async #attempt(work: Work, route: Route): Promise<void> {
    const { clock, gate, spans } = this.#dependencies;
    const { counters } = this.#spec;
    const { stream, shard, range, records, millisBehindLatest } = work;
    if (records.length === 0 && range.staged === undefined) return;
    const ageMs = (): number => clock.now() - range.firstArrivalMs;
    const span = await spans?.beginOnRecords({ streamArn: stream.arn, shardId: shard.shardId, records });
    try {
      const { records: processed, refused: refusedBefore } = await this.#process(work, route, span?.trace);
      const batch = this.#batch(work, processed, span?.trace);
      const result = await route.destination.deliver(batch, this.#closing.signal);
      const refused = [...refusedBefore, ...result.refused];
      if (refused.length > 0) {
        await route.errorOutput.write(batch, refused);
        counters.refused?.(refused);
      }
      counters.delivered({
        ...result,
        records: records.length,
        bytesIn: bytesOf(records),
        refused: refused.length,
        ageMs: ageMs(),
        ...(millisBehindLatest !== undefined && { millisBehindLatest }),
      });
      this.#ended(span, { ...result, refused: refused.length }, undefined);
    } catch (error) {
      this.#ended(span, undefined, error);
      this.#failed(ageMs(), error);
      throw error;
    }
    this.#processed.delete(shard.shardId);
    this.#failure = undefined;
    this.#trouble.cleared();
    await gate.wait();
  }

  #ended(
    span: WorkSpan | undefined,
    result: (Omit<DeliveryResult, 'refused'> & { readonly refused: number }) | undefined,
    error: unknown,
  ): void {
    const attributes = {
      'nagare.consumer': this.#spec.called,
      'nagare.delivery.records': result?.delivered,
      'nagare.delivery.refused_records': result?.refused,
      'nagare.delivery.objects': result?.objects,
      'nagare.delivery.bytes': result?.bytes,
    };
    span?.end(attributes, result === undefined ? failureName(error) : undefined);
  }

  /** Processes the records once: a result that may vary is durable before any record is delivered. */
  async #process(
    { stream, shard, range, records }: Work,
    route: Route,
    trace: TraceContext | undefined,
  ): Promise<Processed> {
    const { staging } = this.#dependencies;
    const { processing } = route;
    const deliveryId = this.#idOf(shard.shardId, range);
    const held = this.#processed.get(shard.shardId);
    if (held?.deliveryId === deliveryId) return held.processed;
    const { shardId } = shard;
    const begun = this.#ranges.begun(stream, shardId);
    let processed: Processed;
    if (begun?.staged !== undefined) {
      assert(staging !== undefined, 'a delivery with staged records has a staging log');
      processed = await staging.read(begun.staged);
    } else {
      const source = deliveryRecords(records, shard, route.deaggregates === true);
      if (processing === undefined) return { records: source, refused: [] };
      processed = await processing.process(source, { deliveryId, signal: this.#closing.signal, trace });
      if (!processing.mayVary) return processed;
      assert(staging !== undefined, 'a delivery with varying results has a staging log');
      const staged = await staging.write(this.#ranges.key(stream, shardId), processed);
      await this.#ranges.begin(stream, shardId, { ...range, staged });
    }
    this.#processed.set(shardId, { deliveryId, processed });
    return processed;
  }

  #batch(
    { shard, range }: Work,
    records: Processed['records'],
    trace: TraceContext | undefined,
  ): DeliveryBatch {
    const { firstSequenceNumber, lastSequenceNumber, firstArrivalMs, decision } = range;
    return {
      deliveryId: this.#idOf(shard.shardId, range),
      shardId: shard.shardId,
      firstSequenceNumber,
      lastSequenceNumber,
      firstArrivalMs,
      records,
      ...(decision !== undefined && { decision }),
      trace,
    };
  }

  #idOf(shardId: string, { firstSequenceNumber, lastSequenceNumber }: Range): string {
    return `${this.#spec.id}/${shardId}/${firstSequenceNumber}-${lastSequenceNumber}`;
  }
}

function bytesOf(records: readonly StreamRecord[]): number {
  let bytes = 0;
  for (const { data } of records) bytes += data.length;
  return bytes;
}

function isBucketGone(error: unknown): boolean {
  return error instanceof ServiceError && error.code === 'NoSuchBucket';
}
