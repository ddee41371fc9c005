import type { Catalog, Table, Transaction } from '../engine/catalog.ts';
import type { CheckpointChange } from './batch.ts';
import type { StartingPosition, StreamSource, StreamView } from './source.ts';

/** A consumer's checkpoint in one shard: all records before `from` are handled, none from there on is. */
export type ShardCheckpoint =
  | { readonly state: 'reading'; readonly from: StartingPosition }
  | { readonly state: 'finished' };

/**
 * Where a consumer stores its checkpoints. `stream.incarnation` is part of the key, so that a stream that was deleted
 * and created again is read from its beginning. A consumer that stores its checkpoint in its output (the object that
 * it writes) answers from there.
 */
export interface CheckpointStore {
  /** Undefined if the shard was never read. */
  load(
    stream: StreamView,
    shardId: string,
  ): ShardCheckpoint | undefined | Promise<ShardCheckpoint | undefined>;
  /**
   * The checkpoint is durable when this resolves, and `change` with it. Stores outside the catalog cannot make changes.
   */
  save(
    stream: StreamView,
    shardId: string,
    position: ShardCheckpoint,
    change?: CheckpointChange,
  ): Promise<void>;
  /** Removes the checkpoints of all other shards of the stream: their records have expired. */
  retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void>;
}

interface PositionRow {
  readonly position: ShardCheckpoint;
}

/** Stores the checkpoints of one consumer, e.g. `lambda/<UUID of the mapping>`, in the engine's catalog. */
export class CatalogCheckpoints implements CheckpointStore {
  readonly #catalog: Catalog;
  readonly #table: Table<PositionRow>;
  readonly #consumer: string;

  constructor(catalog: Catalog, consumer: string) {
    this.#catalog = catalog;
    this.#table = catalog.table('consumers.positions');
    this.#consumer = consumer;
  }

  load(stream: StreamView, shardId: string): ShardCheckpoint | undefined {
    return this.#table.get(this.#key(stream, shardId))?.position;
  }

  save(
    stream: StreamView,
    shardId: string,
    position: ShardCheckpoint,
    change?: CheckpointChange,
  ): Promise<void> {
    return this.#catalog.commit((transaction) => {
      transaction.put(this.#table, this.#key(stream, shardId), { position });
      change?.(transaction);
    });
  }

  async retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void> {
    const current = this.#key(stream, '');
    const left = [...this.#table.entries(`${this.#consumer}/`)]
      .map(([key]) => key)
      .filter((key) => !(key.startsWith(current) && shardIds.has(key.slice(current.length))));
    if (left.length === 0) return;
    await this.#catalog.commit((transaction) => {
      for (const key of left) transaction.delete(this.#table, key);
    });
  }

  /** Stores a consumer's first checkpoints, in the commit that creates it. */
  begin(transaction: Transaction, stream: StreamView, positions: ReadonlyMap<string, ShardCheckpoint>): void {
    for (const [shardId, position] of positions) {
      transaction.put(this.#table, this.#key(stream, shardId), { position });
    }
  }

  /** Replaces the checkpoints of some shards, while the consumer is stopped. */
  async move(
    stream: StreamView,
    positions: ReadonlyMap<string, ShardCheckpoint>,
    change: CheckpointChange,
  ): Promise<void> {
    await this.#catalog.commit((transaction) => {
      this.begin(transaction, stream, positions);
      change(transaction);
    });
  }

  /** Removes the consumer's checkpoints, in the commit that deletes it. */
  end(transaction: Transaction): void {
    for (const [key] of transaction.entries(this.#table, `${this.#consumer}/`)) {
      transaction.delete(this.#table, key);
    }
  }

  #key(stream: StreamView, shardId: string): string {
    return `${this.#consumer}/${stream.incarnation}/${shardId}`;
  }
}

/**
 * The starting positions of a consumer that is created now, for each shard. LATEST is resolved to the current tail,
 * so that later records are never missed, however late reading starts. Shards created later are not included: all
 * their records are newer, so they start at the oldest one.
 */
export async function startingPositions(
  source: StreamSource,
  stream: StreamView,
  start: StartingPosition,
): Promise<ReadonlyMap<string, ShardCheckpoint>> {
  const positions = new Map<string, ShardCheckpoint>();
  for (const { shardId, closed } of stream.shards) {
    if (start.type !== 'LATEST') positions.set(shardId, { state: 'reading', from: start });
    else if (closed) positions.set(shardId, { state: 'finished' });
    else {
      const reader = await source.open(stream, shardId, start);
      positions.set(shardId, { state: 'reading', from: reader.position() });
    }
  }
  return positions;
}

/** Orders sequence numbers: decimals without leading zeros that are too long for a double. */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
