import { CatalogCheckpoints, type CheckpointStore, type ShardPosition } from '../consumers/checkpoints.ts';
import type { StreamView } from '../consumers/source.ts';
import type { Catalog, Table, Transaction } from '../engine/catalog.ts';

/** Records of a shard that are to become one object, both ends included: durable before the object is written. */
export interface Range {
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
  /** Of the first record: a retry finds the key again even when that record has expired. */
  readonly firstArrivalMs: number;
}

/** Writes the object of a range that was begun before this start, from the stream. */
export type Finish = (stream: StreamView, shardId: string, range: Range) => Promise<void>;

/**
 * The positions of a delivery, and the ranges that it has begun. A range is written down before its object is, and
 * forgotten in the same commit that moves the position behind it: whatever comes between, the same records become the
 * same object, and no others are taken before. Whoever asks for a position gets it when what was begun is finished.
 */
export class DeliveryRanges implements CheckpointStore {
  readonly #catalog: Catalog;
  readonly #positions: CatalogCheckpoints;
  /** By `<delivery id>/<incarnation of the stream>/<shard id>`. */
  readonly #begun: Table<Range>;
  readonly #id: string;
  readonly #finish: Finish;

  constructor(catalog: Catalog, id: string, finish: Finish) {
    this.#catalog = catalog;
    this.#positions = new CatalogCheckpoints(catalog, `delivery/${id}`);
    this.#begun = catalog.table('delivery.ranges');
    this.#id = id;
    this.#finish = finish;
  }

  async load(stream: StreamView, shardId: string): Promise<ShardPosition | undefined> {
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

  /** Durable when it resolves. */
  async begin(stream: StreamView, shardId: string, range: Range): Promise<void> {
    await this.#catalog.commit((transaction) =>
      transaction.put(this.#begun, this.#key(stream, shardId), range),
    );
  }

  /** Moves the position and forgets the range that was begun: one commit. */
  async save(stream: StreamView, shardId: string, position: ShardPosition): Promise<void> {
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

  /** Writes the first positions as part of the commit that makes the delivery. */
  starts(transaction: Transaction, stream: StreamView, positions: ReadonlyMap<string, ShardPosition>): void {
    this.#positions.begin(transaction, stream, positions);
  }

  /** Forgets the delivery, as part of the commit that deletes it. */
  end(transaction: Transaction): void {
    this.#positions.end(transaction);
    const keys = Array.from(transaction.entries(this.#begun, `${this.#id}/`), ([key]) => key);
    for (const key of keys) transaction.delete(this.#begun, key);
  }

  #key(stream: StreamView, shardId: string): string {
    return `${this.#id}/${stream.incarnation}/${shardId}`;
  }
}
