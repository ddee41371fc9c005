import type { Catalog, Table, Transaction } from '../engine/catalog.ts';
import type { StartingPosition, StreamSource, StreamView } from './source.ts';

/** How far a consumer has come in one shard: everything before `from` is safe, nothing from there on is. */
export type ShardPosition =
  | { readonly state: 'reading'; readonly from: StartingPosition }
  | { readonly state: 'finished' };

/**
 * Where a consumer keeps its positions. They belong to a stream of one creation: `stream.incarnation` is part of
 * the key, so that a stream deleted and created anew is read from its beginning. A consumer that keeps its position
 * beside its effect (in the object it writes) does the real saving there, and answers here from what it knows.
 */
export interface CheckpointStore {
  /** Undefined when the shard has never been read. */
  load(stream: StreamView, shardId: string): ShardPosition | undefined | Promise<ShardPosition | undefined>;
  /** Durable when it resolves. */
  save(stream: StreamView, shardId: string, position: ShardPosition): Promise<void>;
  /** Forgets all but these shards of the stream as it is now: the records of the others have expired. */
  retain(stream: StreamView, shardIds: ReadonlySet<string>): Promise<void>;
}

interface PositionRow {
  readonly position: ShardPosition;
}

/** Positions in the engine's catalog, of one consumer, e.g. `lambda/<UUID of the mapping>`. */
export class CatalogCheckpoints implements CheckpointStore {
  readonly #catalog: Catalog;
  readonly #table: Table<PositionRow>;
  readonly #consumer: string;

  constructor(catalog: Catalog, consumer: string) {
    this.#catalog = catalog;
    this.#table = catalog.table('consumers.positions');
    this.#consumer = consumer;
  }

  load(stream: StreamView, shardId: string): ShardPosition | undefined {
    return this.#table.get(this.#key(stream, shardId))?.position;
  }

  save(stream: StreamView, shardId: string, position: ShardPosition): Promise<void> {
    return this.#catalog.commit((transaction) => {
      transaction.put(this.#table, this.#key(stream, shardId), { position });
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

  /** Writes a consumer's first positions as part of the commit that creates it. */
  begin(transaction: Transaction, stream: StreamView, positions: ReadonlyMap<string, ShardPosition>): void {
    for (const [shardId, position] of positions) {
      transaction.put(this.#table, this.#key(stream, shardId), { position });
    }
  }

  /** Forgets the consumer, as part of the commit that deletes it. */
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
 * Where each shard of a stream begins for a consumer that starts now. LATEST becomes the place that it means at
 * this moment, so that nothing put later is missed however late the reading begins. Shards that come later are not
 * among these: their records are all newer, they begin at their oldest.
 */
export async function startingPositions(
  source: StreamSource,
  stream: StreamView,
  start: StartingPosition,
): Promise<ReadonlyMap<string, ShardPosition>> {
  const positions = new Map<string, ShardPosition>();
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

/** Orders sequence numbers: decimal numbers without leading zeros, too long for a double. */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
