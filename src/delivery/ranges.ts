import { CatalogCheckpoints, type CheckpointStore, type ShardCheckpoint } from '../consumers/checkpoints.ts';
import type { StreamView } from '../consumers/source.ts';
import type { Catalog, Table, Transaction } from '../engine/catalog.ts';
import type { Decision } from './destination.ts';
import type { Staged, Staging } from './staging.ts';

/**
 * Records of a shard that are delivered together, both ends included. The range is durable before any of its records is
 * delivered.
 */
export interface Range {
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
  /**
   * When the first record arrived. Stored so that a retry gives the object the same key even if that record has
   * expired.
   */
  readonly firstArrivalMs: number;
  /** The version of the route when the range began. */
  readonly version?: number;
  /** The result of `Destination.decide`, for all attempts. */
  readonly decision?: Decision;
  /** The processed records, if another attempt could process them differently. */
  readonly staged?: Staged;
}

/** Delivers a range that an earlier run began. */
export type FinishRange = (stream: StreamView, shardId: string, range: Range) => Promise<void>;

export interface RangesOptions {
  readonly catalog: Catalog;
  readonly id: string;
  readonly staging?: Staging | undefined;
  readonly finish: FinishRange;
  /** Called after a checkpoint advanced. */
  readonly onCheckpoint?: (() => void) | undefined;
}

/**
 * The checkpoints of a delivery and its ranges in progress. A range is stored before its object is written, and removed
 * in the commit that advances the checkpoint. After a crash, the same records are written as the same object before any
 * others are read. `load` resolves when the ranges in progress are finished.
 */
export class DeliveryRanges implements CheckpointStore {
  readonly #catalog: Catalog;
  readonly #positions: CatalogCheckpoints;
  /** Keys are `<delivery id>/<incarnation of the stream>/<shard id>`. */
  readonly #begun: Table<Range>;
  readonly #id: string;
  readonly #options: RangesOptions;

  constructor(options: RangesOptions) {
    const { catalog, id } = options;
    this.#options = options;
    this.#catalog = catalog;
    this.#positions = new CatalogCheckpoints(catalog, `delivery/${id}`);
    this.#begun = catalog.table('delivery.ranges');
    this.#id = id;
  }

  async load(stream: StreamView, shardId: string): Promise<ShardCheckpoint | undefined> {
    const range = this.begun(stream, shardId);
    if (range !== undefined) {
      await this.#options.finish(stream, shardId, range);
      await this.save(stream, shardId, {
        state: 'reading',
        from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: range.lastSequenceNumber },
      });
    }
    return this.#positions.load(stream, shardId);
  }

  position(stream: StreamView, shardId: string): ShardCheckpoint | undefined {
    return this.#positions.load(stream, shardId);
  }

  begun(stream: StreamView, shardId: string): Range | undefined {
    return this.#begun.get(this.key(stream, shardId));
  }

  /** The route versions that ranges in progress began with. */
  versions(): ReadonlySet<number> {
    const versions = Array.from(this.#begun.entries(`${this.#id}/`), ([, { version }]) => version);
    return new Set(versions.filter((version) => version !== undefined));
  }

  /** Stores a range, or its changes. They are durable when this resolves. */
  async begin(stream: StreamView, shardId: string, range: Range): Promise<void> {
    await this.#catalog.commit((transaction) =>
      transaction.put(this.#begun, this.key(stream, shardId), range),
    );
  }

  /** Advances the checkpoint and removes the range, in one commit. */
  async save(stream: StreamView, shardId: string, position: ShardCheckpoint): Promise<void> {
    const { staging } = this.#options;
    const staged = this.begun(stream, shardId)?.staged;
    const hasEnded = position.state === 'finished';
    await this.#catalog.commit((transaction) => {
      this.#positions.begin(transaction, stream, new Map([[shardId, position]]));
      transaction.delete(this.#begun, this.key(stream, shardId));
      if (hasEnded) staging?.end(transaction, this.key(stream, shardId));
    });
    if (hasEnded) await staging?.sweep();
    else if (staged !== undefined) await staging?.clear(staged);
    this.#options.onCheckpoint?.();
  }

  async retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void> {
    await this.#positions.retain(stream, shardIds);
    const current = this.key(stream, '');
    const left = [...this.#begun.entries(`${this.#id}/`)]
      .map(([key]) => key)
      .filter((key) => !(key.startsWith(current) && shardIds.has(key.slice(current.length))));
    if (left.length === 0) return;
    await this.#catalog.commit((transaction) => {
      for (const key of left) {
        transaction.delete(this.#begun, key);
        this.#options.staging?.end(transaction, key);
      }
    });
    await this.#options.staging?.sweep();
  }

  /** Stores the first checkpoints, in the commit that creates the delivery. */
  starts(
    transaction: Transaction,
    stream: StreamView,
    positions: ReadonlyMap<string, ShardCheckpoint>,
  ): void {
    this.#positions.begin(transaction, stream, positions);
  }

  /** Removes the delivery's state, in the commit that deletes it. */
  end(transaction: Transaction): void {
    this.#positions.end(transaction);
    const keys = Array.from(transaction.entries(this.#begun, `${this.#id}/`), ([key]) => key);
    for (const key of keys) transaction.delete(this.#begun, key);
    this.#options.staging?.end(transaction, `${this.#id}/`);
  }

  key(stream: StreamView, shardId: string): string {
    return `${this.#id}/${stream.incarnation}/${shardId}`;
  }
}
