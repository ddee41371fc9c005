import type { Catalog } from '../../../engine/catalog.ts';
import type { ChangedRow } from '../../../engine/watch-rows.ts';
import type { MetricRegistry } from '../../../metrics.ts';
import type { Clock } from '../../../support/clock.ts';
import { parseArn, streamArn } from '../arn.ts';
import { invalidArgument, streamNotFound } from '../errors.ts';
import { Shard } from '../shards/shard.ts';
import { openTables, type StreamRow, type Tables } from './rows.ts';
import { statusAt, Stream, type StreamStatus } from './stream.ts';

export interface StreamImageOptions {
  readonly catalog: Pick<Catalog, 'table'>;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly region: string;
  readonly accountId: string;
}

/** The three ways in which a request can name a stream. */
export interface StreamIdentifier {
  readonly StreamName?: string;
  readonly StreamARN?: string;
  readonly StreamId?: string;
}

/** All streams in memory, as their catalog rows are. */
export class StreamImage {
  readonly tables: Tables;
  readonly #image: StreamImageOptions;
  readonly #byName = new Map<string, Stream>();
  readonly #byId = new Map<string, Stream>();

  constructor(options: StreamImageOptions) {
    this.#image = options;
    this.tables = openTables(options.catalog);
    for (const [, row] of this.tables.streams.entries()) this.load(row);
  }

  get accountId(): string {
    return this.#image.accountId;
  }

  get(name: string): Stream | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Stream | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<Stream> {
    return this.#byName.values();
  }

  get count(): number {
    return this.#byName.size;
  }

  get onDemandCount(): number {
    let count = 0;
    for (const stream of this.#byName.values()) if (stream.row.mode === 'ON_DEMAND') count++;
    return count;
  }

  /** For the whole account. */
  get openShardCount(): number {
    let count = 0;
    for (const stream of this.#byName.values()) count += stream.map.shards.length;
    return count;
  }

  get provisionedShardCount(): number {
    let count = 0;
    for (const { row, map } of this.#byName.values())
      if (row.mode === 'PROVISIONED') count += map.shards.length;
    return count;
  }

  get creatingCount(): number {
    let count = 0;
    for (const stream of this.#byName.values()) if (this.status(stream) === 'CREATING') count++;
    return count;
  }

  status(stream: Stream): StreamStatus {
    return statusAt(stream.row, this.#image.clock.now());
  }

  /**
   * Finds the stream that a request names; several names must agree. Throws ResourceNotFoundException,
   * InvalidArgumentException.
   */
  resolve(identifier: StreamIdentifier): Stream {
    const { StreamName, StreamARN, StreamId } = identifier;
    const stream =
      StreamARN === undefined ? this.#named(identifier) : this.#resolveArn(StreamARN, StreamName);
    requireId(stream, StreamId);
    return stream;
  }

  #named({ StreamName, StreamId }: StreamIdentifier): Stream {
    const stream = StreamName === undefined ? this.#byId.get(StreamId ?? '') : this.#byName.get(StreamName);
    if (stream !== undefined) return stream;
    const named = StreamName ?? StreamId;
    if (named === undefined) throw invalidArgument('Either StreamName or StreamARN should be provided.');
    throw streamNotFound(named, this.accountId);
  }

  /** An ARN with another partition, region or account, or a consumer's ARN, does not name a stream of this server. */
  #resolveArn(arn: string, alsoNamed: string | undefined): Stream {
    const parsed = parseArn(arn);
    if (parsed === undefined) throw invalidArgument(`StreamARN ${arn} is not the ARN of a stream.`);
    const { streamName, accountId } = parsed;
    if (alsoNamed !== undefined && alsoNamed !== streamName) {
      throw invalidArgument(`StreamARN ${arn} and StreamName ${alsoNamed} do not name the same stream.`);
    }
    const stream = this.#byName.get(streamName);
    if (stream?.arn !== arn) throw streamNotFound(arn.slice(arn.indexOf('/') + 1), accountId);
    return stream;
  }

  /** Like `resolve`, for reading and writing records: a stream that is being created or deleted is not found. */
  resolveForData(identifier: StreamIdentifier): Stream {
    const stream = this.resolve(identifier);
    const status = this.status(stream);
    if (status === 'CREATING' || status === 'DELETING') throw streamNotFound(stream.name, this.accountId);
    return stream;
  }

  /** Applies what another machine has committed. */
  follow(changed: readonly ChangedRow[]): void {
    const { streams, shards } = this.tables;
    const names = changed.filter(({ table }) => table === streams.name).map(({ key }) => key);
    const rowsOfShards = changed.filter(({ table }) => table === shards.name);
    const resharded = new Set(rowsOfShards.map(({ key }) => key.slice(0, key.indexOf('/'))));
    for (const name of new Set(names)) {
      const row = streams.get(name);
      const before = this.#byName.get(name);
      if (before !== undefined && before.id !== row?.id) {
        this.forget(before);
        before.releaseMetrics();
      }
      const present = this.#byName.get(name);
      if (present !== undefined) this.refresh(present, resharded.delete(present.id));
      else if (row !== undefined) {
        this.load(row);
        resharded.delete(row.id);
      }
    }
    for (const id of resharded) {
      const stream = this.#byId.get(id);
      if (stream !== undefined) this.refresh(stream, true);
    }
  }

  /** Reloads the stream from the catalog. */
  refresh(stream: Stream, withShards = false): void {
    const row = this.tables.streams.get(stream.name);
    if (row === undefined || row.id !== stream.id) return;
    stream.update(row, withShards ? this.#shardsOf(stream.id) : undefined);
  }

  protected load(row: StreamRow): void {
    const { region, accountId, metrics } = this.#image;
    const stream = new Stream(row, this.#shardsOf(row.id), streamArn(region, accountId, row.name), metrics);
    this.#byName.set(row.name, stream);
    this.#byId.set(row.id, stream);
  }

  #shardsOf(streamId: string): Shard[] {
    return [...this.tables.shards.entries(`${streamId}/`)].map(([, row]) => new Shard(row));
  }

  protected forget(stream: Stream): void {
    this.#byName.delete(stream.name);
    this.#byId.delete(stream.id);
    stream.remove();
  }
}

/** Throws InvalidArgumentException when a request also names the stream by the ID of another one. */
export function requireId(stream: Pick<Stream, 'id' | 'name'>, id: string | undefined): void {
  if (id === undefined || id === stream.id) return;
  throw invalidArgument(`StreamId ${id} is not that of stream ${stream.name}.`);
}
