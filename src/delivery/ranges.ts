import { CatalogCheckpoints, type CheckpointStore, type ShardCheckpoint } from '../consumers/checkpoints.ts';
import type { StreamView } from '../consumers/source.ts';
import type { Catalog, Table, Transaction } from '../engine/catalog.ts';

/**
 * Records of a shard that will become one object, both ends included. The range is durable before the object is
 * written.
 */
export interface Range {
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
  /** The arrival of the first record, so that a retry finds the same key even if that record has expired. */
  readonly firstArrivalMs: number;
}

/** Writes, from the stream, the object of a range that an earlier run has begun. */
export type FinishRange = (stream: StreamView, shardId: string, range: Range) => Promise<void>;

/**
 * The checkpoints of a delivery and the ranges in progress. A range is stored before its object is written, and
 * removed in the same commit that advances the checkpoint. After a crash the same records become the same object
 * again, before any others are taken. `load` resolves when ranges in progress are finished.
 */
export class DeliveryRanges implements CheckpointStore {
  readonly #catalog: Catalog;
  readonly #positions: CatalogCheckpoints;
  /** Keys are `<delivery id>/<incarnation of the stream>/<shard id>`. */
  readonly #begun: Table<Range>;
  readonly #id: string;
  readonly #finish: FinishRange;

  constructor(catalog: Catalog, id: string, finish: FinishRange) {
    this.#catalog = catalog;
    this.#positions = new CatalogCheckpoints(catalog, `delivery/${id}`);
    this.#begun = catalog.table('delivery.ranges');
    this.#id = id;
    this.#finish = finish;
  }

  async load(stream: StreamView, shardId: string): Promise<ShardCheckpoint | undefined> {
    const range = this.begun(stream, shardId);
    if (range !== undefined) {
      await this.#finish(stream, shardId, range);
      await this.save(stream, shardId, {
        state: 'reading',
        from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: range.lastSequenceNumber },
      });
    }
    return this.#positions.load(stream, shardId);
  }

  begun(stream: StreamView, shardId: string): Range | undefined {
    return this.#begun.get(this.#key(stream, shardId));
  }

  /** The range is durable when this resolves. */
  async begin(stream: StreamView, shardId: string, range: Range): Promise<void> {
    await this.#catalog.commit((transaction) =>
      transaction.put(this.#begun, this.#key(stream, shardId), range),
    );
  }

  /** Advances the checkpoint and removes the range, in one commit. */
  async save(stream: StreamView, shardId: string, position: ShardCheckpoint): Promise<void> {
    await this.#catalog.commit((transaction) => {
      this.#positions.begin(transaction, stream, new Map([[shardId, position]]));
      transaction.delete(this.#begun, this.#key(stream, shardId));
    });
  }

  async retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void> {
    await this.#positions.retain(stream, shardIds);
    const current = this.#key(stream, '');
    const left = [...this.#begun.entries(`${this.#id}/`)]
      .map(([key]) => key)
      .filter((key) => !(key.startsWith(current) && shardIds.has(key.slice(current.length))));
    if (left.length === 0) return;
    await this.#catalog.commit((transaction) => {
      for (const key of left) transaction.delete(this.#begun, key);
    });
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
  }

  #key(stream: StreamView, shardId: string): string {
    return `${this.#id}/${stream.incarnation}/${shardId}`;
  }
}
