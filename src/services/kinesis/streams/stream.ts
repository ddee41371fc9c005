import type { LogId } from '../../../engine/engine.ts';
import type { MetricRegistry } from '../../../metrics.ts';
import type { StreamRow } from './rows.ts';
import type { Shard } from '../shards/shard.ts';
import { ShardMap } from '../shards/shard-map.ts';
import { ShardMetrics } from '../shards/shard-metrics.ts';
import { StreamMetrics } from './stream-metrics.ts';

export type StreamStatus = StreamRow['status'];

/**
 * CREATING and UPDATING states without work of their own become ACTIVE by elapsed time, without a write. A reshard
 * and a deletion end when their work is done.
 */
export function statusAt(row: StreamRow, nowMs: number): StreamStatus {
  const { status, pending } = row;
  if (status === 'DELETING' || pending?.reshard !== undefined) return status;
  return pending !== undefined && pending.dueMs > nowMs ? status : 'ACTIVE';
}

/** A stream in memory: its catalog rows in the form that the hot paths need. Streams owns it. */
export class Stream {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly metrics: StreamMetrics;
  readonly #registry: MetricRegistry;
  readonly #shardMetrics = new Map<number, ShardMetrics>();
  #row: StreamRow;
  #shards: Map<number, Shard>;
  #map: ShardMap<Shard>;
  #settled: PromiseWithResolvers<void> | undefined;
  /** Set when the stream is deleted. */
  gone = false;

  constructor(row: StreamRow, shards: readonly Shard[], arn: string, registry: MetricRegistry) {
    this.name = row.name;
    this.id = row.id;
    this.arn = arn;
    this.#registry = registry;
    this.metrics = new StreamMetrics(registry, row.name);
    this.#row = row;
    this.#shards = byIndex(shards);
    this.#map = new ShardMap(shards.filter((shard) => shard.closed === undefined));
    this.#trackReshard();
  }

  get row(): StreamRow {
    return this.#row;
  }

  /** Open shards by hash key. */
  get map(): ShardMap<Shard> {
    return this.#map;
  }

  /** All shards in the catalog, ordered by index: parents before children. */
  get shards(): Iterable<Shard> {
    return this.#shards.values();
  }

  get shardCount(): number {
    return this.#shards.size;
  }

  shard(index: number): Shard | undefined {
    return this.#shards.get(index);
  }

  children(shard: Shard): Shard[] {
    return [...this.#shards.values()].filter((other) => other.row.parents.includes(shard.index));
  }

  /** A closed shard whose records have all expired no longer belongs to the stream. */
  hasExpired(shard: Shard, nowMs: number): boolean {
    return shard.closed !== undefined && shard.closed.atMs + this.retentionMs <= nowMs;
  }

  get retentionMs(): number {
    return this.#row.retentionHours * 3_600_000;
  }

  /**
   * The open or closed shards that own the logs, in the same order; undefined if one no longer belongs to the stream.
   */
  shardsOfLogs(logs: readonly LogId[]): Shard[] | undefined {
    const byLog = new Map<LogId, Shard>();
    for (const shard of this.#shards.values()) byLog.set(shard.log, shard);
    const shards = logs.map((log) => byLog.get(log)).filter((shard) => shard !== undefined);
    return shards.length === logs.length ? shards : undefined;
  }

  /** Applies a commit. */
  update(row: StreamRow, shards?: readonly Shard[]): void {
    const metricsChanged = row.shardMetrics !== this.#row.shardMetrics;
    this.#row = row;
    if (shards !== undefined) {
      this.#shards = byIndex(shards);
      this.#map = new ShardMap(shards.filter((shard) => shard.closed === undefined));
    }
    if (shards !== undefined || metricsChanged) this.#releaseShardMetrics();
    this.#trackReshard();
  }

  /** Applies a commit that closed shards and added new ones, whose indexes are above all others. */
  changeShards(row: StreamRow, changed: readonly Shard[]): void {
    for (const shard of changed) this.#shards.set(shard.index, shard);
    const before = this.#map.shards.filter((shard) => this.#shards.get(shard.index) === shard);
    this.#row = row;
    this.#map = new ShardMap([...before, ...changed.filter((shard) => shard.closed === undefined)]);
    this.#releaseShardMetrics();
    this.#trackReshard();
  }

  /** Resolves when a reshard or a part of it is done, when none is in progress, or when the signal aborts. */
  async whenSettled(signal?: AbortSignal): Promise<void> {
    const settled = this.#settled?.promise;
    if (settled === undefined || signal?.aborted === true) return;
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const listener = () => resolve();
    signal?.addEventListener('abort', listener, { once: true });
    await Promise.race([settled, aborted]);
    signal?.removeEventListener('abort', listener);
  }

  #trackReshard(): void {
    this.#settled?.resolve();
    this.#settled = this.#row.pending?.reshard === undefined ? undefined : Promise.withResolvers();
  }

  /** Undefined unless enhanced monitoring is on. */
  shardMetrics(shard: Shard): ShardMetrics | undefined {
    if (this.#row.shardMetrics.length === 0) return undefined;
    let metrics = this.#shardMetrics.get(shard.index);
    if (metrics === undefined) {
      metrics = new ShardMetrics(this.#registry, this.name, shard.id, this.#row.shardMetrics);
      this.#shardMetrics.set(shard.index, metrics);
    }
    return metrics;
  }

  #releaseShardMetrics(): void {
    for (const metrics of this.#shardMetrics.values()) metrics.release();
    this.#shardMetrics.clear();
  }

  /** Marks the stream as deleted. Its last samples stay in the registry until `releaseMetrics`. */
  remove(): void {
    this.gone = true;
    this.#settled?.resolve();
  }

  releaseMetrics(): void {
    this.metrics.release();
    this.#releaseShardMetrics();
  }
}

function byIndex(shards: readonly Shard[]): Map<number, Shard> {
  return new Map(shards.toSorted((a, b) => a.index - b.index).map((shard) => [shard.index, shard]));
}
