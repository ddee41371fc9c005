import { Leases } from '../consumers/leases.ts';
import type { ShardPosition } from '../consumers/checkpoints.ts';
import type { StreamView } from '../consumers/source.ts';
import type { Transaction } from '../engine/catalog.ts';
import type { Engine } from '../engine/engine.ts';
import { ServiceError } from '../errors.ts';
import type { MetricRegistry } from '../metrics.ts';
import type { ObjectStore } from '../services/s3/object-store.ts';
import type { Clock } from '../support/clock.ts';
import { PauseGate } from '../support/pause-gate.ts';
import type { Log } from '../support/log.ts';
import { Delivery, type DeliveryParts } from './delivery.ts';
import { DeliveryRanges } from './ranges.ts';
import type { DeliverySpec } from './spec.ts';

export interface DeliveriesOptions {
  readonly engine: Engine;
  readonly store: ObjectStore;
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly log: Log;
}

/** Delivers streams into an object store, for the services that offer it. What they ask to run, they close. */
export class Deliveries {
  readonly #parts: DeliveryParts;

  constructor({ engine, ...parts }: DeliveriesOptions) {
    this.#parts = { ...parts, catalog: engine.catalog, leases: new Leases(), gate: new PauseGate() };
  }

  async bucketExists(bucket: string): Promise<boolean> {
    try {
      await this.#parts.store.head(bucket, 'nagare');
      return true;
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'NoSuchBucket') return false;
      throw error;
    }
  }

  /**
   * Until the function given is called, objects are written and no position moves: whatever a copy of the objects that
   * is made meanwhile lacks, the copy of the engine made after it delivers again.
   */
  holdPositions(): () => void {
    return this.#parts.gate.pause();
  }

  /** Where a delivery begins, as part of the commit that makes it. */
  begin(
    transaction: Transaction,
    id: string,
    stream: StreamView,
    starts: ReadonlyMap<string, ShardPosition>,
  ): void {
    this.#ranges(id).starts(transaction, stream, starts);
  }

  /** Forgets a delivery, as part of the commit that deletes it; it must not run any more. */
  end(transaction: Transaction, id: string): void {
    this.#ranges(id).end(transaction);
  }

  /** Goes on where the delivery of that id was. */
  run(spec: DeliverySpec): Delivery {
    return new Delivery(spec, this.#parts);
  }

  #ranges(id: string): DeliveryRanges {
    return new DeliveryRanges(this.#parts.catalog, id, async () => {});
  }
}
