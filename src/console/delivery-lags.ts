import type { InspectedStream } from '../consumers/stream-inspector.ts';
import { type ReaderShard, readersOf, type ReaderView } from './readers.ts';
import type { Views } from './views.ts';

export interface Lag {
  readonly waiting: number | undefined;
  readonly behindMs: number | undefined;
}

/** The last record of a shard that was written. */
export interface Written {
  readonly ShardId?: string;
  readonly SequenceNumber?: string;
  readonly Finished?: boolean;
}

/** How far deliveries are behind the streams that they read. Looks up each stream once. */
export class Lags {
  readonly #views: Views;
  readonly #readers = new Map<string, Promise<readonly ReaderView[]>>();

  constructor(views: Views) {
    this.#views = views;
  }

  /** Of a delivery that stores its positions under this ID. */
  async of(stream: string, deliveryId: string): Promise<Lag> {
    const reader = (await this.#readersOf(stream)).find(
      ({ kind, caller }) => kind === 'delivery' && caller === deliveryId,
    );
    return { waiting: reader?.behindRecords, behindMs: reader?.ageMs };
  }

  /** Of a list log, which stores its positions in its object. Undefined before it has written anything. */
  async ofPositions(stream: string, written: readonly Written[] | undefined): Promise<Lag> {
    const inspected = this.#views.inspector.stream(stream);
    if (inspected === undefined || written === undefined) return { waiting: undefined, behindMs: undefined };
    const shards = await this.shardsOf(inspected, written);
    return {
      waiting: shards.reduce((sum, { behindRecords }) => sum + behindRecords, 0),
      behindMs: Math.max(0, ...shards.map(({ ageMs }) => ageMs)),
    };
  }

  /** The same by shard, without those that are finished. */
  async shardsOf(stream: InspectedStream, written: readonly Written[]): Promise<ReaderShard[]> {
    const { inspector, clock } = this.#views;
    const found: ReaderShard[] = [];
    for (const { ShardId: shardId = '', SequenceNumber: last, Finished: isFinished } of written) {
      const shard = stream.shards.find((one) => one.shardId === shardId);
      const index = last === undefined ? undefined : inspector.indexOf(stream.name, shardId, last);
      if (shard === undefined || index === undefined || isFinished === true) continue;
      const behindRecords = Math.max(0, shard.nextIndex - index - 1);
      const arrivedMs =
        behindRecords === 0 ? undefined : await inspector.arrivalOf(stream.name, shardId, index + 1);
      const ageMs = arrivedMs === undefined ? 0 : Math.max(0, clock.now() - arrivedMs);
      found.push({ shardId, ageMs, behindRecords });
    }
    return found;
  }

  #readersOf(stream: string): Promise<readonly ReaderView[]> {
    const known = this.#readers.get(stream);
    if (known !== undefined) return known;
    const inspected = this.#views.inspector.stream(stream);
    const found = inspected === undefined ? Promise.resolve([]) : readersOf(this.#views, inspected);
    this.#readers.set(stream, found);
    return found;
  }
}
