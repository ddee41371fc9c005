import { KeyedLock } from '../support/keyed-lock.ts';
import { BufferRoom } from '../consumers/buffer-room.ts';
import type { ShardCheckpoint } from '../consumers/checkpoints.ts';
import type { StreamView } from '../consumers/source.ts';
import type { WorkSpans } from '../support/work-spans.ts';
import type { Transaction } from '../engine/catalog.ts';
import type { Engine } from '../engine/engine.ts';
import type { PayloadCipher } from '../engine/payload-cipher.ts';
import { ServiceError } from '../errors.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { ObjectStore } from '../services/s3/object-store.ts';
import type { Clock } from '../support/clock.ts';
import { PauseGate } from '../support/pause-gate.ts';
import type { Log } from '../support/log.ts';
import { Delivery, type DeliveryDependencies } from './delivery.ts';
import { deliveryLimits } from './limits.ts';
import { DeliveryRanges } from './ranges.ts';
import type { DeliverySpec } from './spec.ts';
import { Staging } from './staging.ts';

export interface DeliveriesOptions {
  readonly engine: Engine;
  readonly store: ObjectStore;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Encrypts the processed records that deliveries with varying results store. */
  readonly cipher?: PayloadCipher;
  readonly spans?: WorkSpans | undefined;
}

/** Runs the deliveries of streams to their destinations. The service that starts a delivery also closes it. */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #dependencies: DeliveryDependencies;

  constructor(options: DeliveriesOptions) {
    const { engine, clock, log, cipher, spans } = options;
    this.#options = options;
    this.#dependencies = {
      clock,
      log,
      catalog: engine.catalog,
      shardLocks: new KeyedLock(),
      gate: new PauseGate(),
      room: new BufferRoom(deliveryLimits.bufferedBytesMax, deliveryLimits.bufferedBytesEach),
      staging: cipher && new Staging(engine, cipher),
      spans,
    };
  }

  get store(): ObjectStore {
    return this.#options.store;
  }

  get metrics(): MetricRegistry {
    return this.#options.metrics;
  }

  async bucketExists(bucket: string): Promise<boolean> {
    try {
      await this.store.head(bucket, 'nagare');
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'NoSuchBucket') return false;
      throw error;
    }
  }

  /**
   * Stops checkpoints from advancing until the returned function is called; objects are still written. A backup copies
   * the objects first and the engine afterwards: an object that the first copy misses is delivered again from the
   * second.
   */
  holdPositions(): () => void {
    return this.#dependencies.gate.pause();
  }

  /** Stores where a delivery starts, in the commit that creates it. */
  begin(
    transaction: Transaction,
    id: string,
    stream: StreamView,
    starts: ReadonlyMap<string, ShardCheckpoint>,
  ): void {
    this.#ranges(id).starts(transaction, stream, starts);
  }

  /** Removes a delivery's state, in the commit that deletes it. The delivery must be closed. */
  end(transaction: Transaction, id: string): void {
    this.#ranges(id).end(transaction);
  }

  /** Frees the storage of ended deliveries. Call it after the commit of `end`, and at startup. */
  async sweep(): Promise<void> {
    await this.#dependencies.staging?.sweep();
  }

  /**
   * The checkpoint of a delivery in a shard. Undefined if it started at the oldest record and has delivered nothing
   * yet.
   */
  checkpoint(id: string, stream: StreamView, shardId: string): ShardCheckpoint | undefined {
    return this.#ranges(id).position(stream, shardId);
  }

  /** The route versions that ranges in progress began with. The delivery must be closed. */
  versionsInProgress(id: string): ReadonlySet<number> {
    return this.#ranges(id).versions();
  }

  /** Runs the delivery from its checkpoint. */
  run(spec: DeliverySpec): Delivery {
    return new Delivery(spec, this.#dependencies);
  }

  #ranges(id: string): DeliveryRanges {
    const { catalog, staging } = this.#dependencies;
    return new DeliveryRanges({ catalog, id, staging, finish: async () => {} });
  }
}
