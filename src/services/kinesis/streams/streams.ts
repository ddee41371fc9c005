import { randomInt } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Table, Transaction } from '../../../engine/catalog.ts';
import type { Engine, LogId } from '../../../engine/engine.ts';
import { kinesisLimits } from '../limits.ts';
import type { Log } from '../../../support/log.ts';
import { streamExists, streamNotActive, streamNotFound } from '../errors.ts';
import { evenStarts, LAST_HASH_KEY, stepHashKey } from '../shards/hash-key.ts';
import { Lifecycle } from './lifecycle.ts';
import { runReshard } from '../shards/run-reshard.ts';
import { type Reshard, type ShardRow, shardKey, type StreamRow } from './rows.ts';
import { Shard } from '../shards/shard.ts';
import { statusAt, type Stream } from './stream.ts';
import { StreamImage, type StreamImageOptions } from './stream-image.ts';

export interface StreamsOptions extends Omit<StreamImageOptions, 'catalog'> {
  readonly engine: Engine;
  readonly log: Log;
  /** How long CREATING, UPDATING and DELETING last; with 0 a change is complete when its call returns. */
  readonly lifecycleMs: number;
}

export type NewStream = Pick<StreamRow, 'name' | 'mode' | 'maxRecordSizeKiB' | 'distribution' | 'tags'> &
  Partial<Pick<StreamRow, 'warmThroughputMiBps' | 'retentionHours' | 'encryptionKeyId'>> & {
    readonly shardCount: number;
  };

/** Owns all streams: their catalog rows, and their image in memory. Every change is one commit. */
export class Streams extends StreamImage {
  readonly #options: StreamsOptions;
  readonly #listeners = new Set<(streamName: string) => void>();
  readonly #lifecycle: Lifecycle;
  readonly #background = new Set<Promise<void>>();
  readonly #releases = new Set<() => void>();

  constructor(options: StreamsOptions) {
    super({ ...options, catalog: options.engine.catalog });
    this.#options = options;
    this.#lifecycle = new Lifecycle(options.clock, options.log, (stream) => this.#finish(stream));
    for (const [key, { logs }] of this.tables.garbage.entries()) this.#dropLogs(key, logs);
    for (const stream of this.all()) this.#inBackground(this.#lifecycle.start(stream));
  }

  get lifecycleMs(): number {
    return this.#options.lifecycleMs;
  }

  /** Throws ResourceInUseException when a stream of that name exists. */
  async create(spec: NewStream): Promise<void> {
    const { engine, clock, lifecycleMs } = this.#options;
    const exists = () => streamExists(spec.name, this.accountId);
    if (this.get(spec.name) !== undefined) throw exists();
    const logs = await engine.createLogs(spec.shardCount);
    const nowMs = clock.now();
    const { shardCount, ...given } = spec;
    const row: StreamRow = {
      retentionHours: kinesisLimits.retentionDefaultHours,
      ...given,
      id: newStreamId(),
      createdMs: nowMs,
      status: lifecycleMs > 0 ? 'CREATING' : 'ACTIVE',
      ...(lifecycleMs > 0 && { pending: { dueMs: nowMs + lifecycleMs } }),
      shardMetrics: [],
      nextShardIndex: shardCount,
    };
    const shards = firstShards(logs, nowMs);
    await engine.catalog.commit((transaction) => {
      if (transaction.get(this.tables.streams, spec.name) !== undefined) throw exists();
      transaction.put(this.tables.streams, spec.name, row);
      for (const shard of shards) transaction.put(this.tables.shards, shardKey(row.id, shard.index), shard);
    });
    this.load(row);
    this.#notify(spec.name);
  }

  /**
   * Replaces the stream's row in one commit; `change` gets the newest one and may throw. Throws ResourceInUseException
   * when the stream is not ACTIVE. With `updating`, an actual change shows UPDATING for the configured time.
   */
  async change(
    stream: Stream,
    change: (row: StreamRow, transaction: Transaction) => StreamRow,
    options: { readonly updating?: boolean } = {},
  ): Promise<void> {
    const { engine, clock, lifecycleMs } = this.#options;
    await engine.catalog.commit((transaction) => {
      const row = this.#current(transaction, stream);
      const nowMs = clock.now();
      const status = statusAt(row, nowMs);
      if (status !== 'ACTIVE') throw streamNotActive(stream.name, this.accountId, status);
      const changed = change(row, transaction);
      const updating = options.updating === true && lifecycleMs > 0 && !isDeepStrictEqual(changed, row);
      const next = updating
        ? { ...changed, status: 'UPDATING' as const, pending: { dueMs: nowMs + lifecycleMs } }
        : changed;
      transaction.put(this.tables.streams, stream.name, next);
    });
    this.refresh(stream);
  }

  #current(transaction: Transaction, stream: Stream): StreamRow {
    const row = transaction.get(this.tables.streams, stream.name);
    if (row === undefined || row.id !== stream.id) throw streamNotFound(stream.name, this.accountId);
    return row;
  }

  /**
   * Starts a reshard; resolves when it is complete if states last no time. Throws ResourceInUseException. `lastingMs`
   * is the minimum time that the stream is UPDATING.
   */
  async reshard(stream: Stream, reshard: Reshard, lastingMs = this.#options.lifecycleMs): Promise<void> {
    const { clock } = this.#options;
    await this.change(stream, (row) => ({
      ...row,
      status: 'UPDATING',
      pending: { dueMs: clock.now() + lastingMs, reshard },
    }));
    await this.#lifecycle.start(stream);
  }

  /**
   * Deletes the stream with its records and consumers; resolves when the deletion is complete if states last no time.
   */
  async delete(stream: Stream, check: (transaction: Transaction) => void): Promise<void> {
    const { clock, lifecycleMs } = this.#options;
    await this.change(stream, (row, transaction) => {
      check(transaction);
      return { ...row, status: 'DELETING', pending: { dueMs: clock.now() + lifecycleMs } };
    });
    this.#notify(stream.name);
    await this.#lifecycle.start(stream);
  }

  async #finish(stream: Stream): Promise<void> {
    const { reshard } = stream.row.pending ?? {};
    if (reshard !== undefined) {
      const committed = (shards: readonly ShardRow[]) => this.#changeShards(stream, shards);
      await runReshard({ ...this.#options, tables: this.tables, committed }, stream, reshard);
      this.#notify(stream.name);
    } else if (stream.row.status === 'DELETING') {
      await this.#remove(stream);
    }
  }

  async #remove(stream: Stream): Promise<void> {
    const { shards, consumers, streams, garbage } = this.tables;
    const logs = [...stream.shards].map((shard) => shard.log);
    await this.#options.engine.catalog.commit((transaction) => {
      transaction.delete(streams, stream.name);
      deleteAll(transaction, shards, `${stream.id}/`);
      deleteAll(transaction, consumers, `${stream.id}/`);
      transaction.put(garbage, stream.id, { logs });
    });
    this.forget(stream);
    this.#releaseMetricsLater(stream);
    this.#dropLogs(stream.id, logs);
    this.#notify(stream.name);
  }

  /** The metric pipeline must still collect the last samples. */
  #releaseMetricsLater(stream: Stream): void {
    const cancel = this.#options.clock.schedule(kinesisLimits.metricsReleaseMs, () => {
      this.#releases.delete(cancel);
      stream.releaseMetrics();
    });
    this.#releases.add(cancel);
  }

  /** Removes closed shards whose records have all expired. */
  async forgetShards(stream: Stream, expired: readonly Shard[]): Promise<void> {
    const logs = expired.map((shard) => shard.log);
    const key = `${stream.id}/${expired[0]?.index}`;
    await this.#options.engine.catalog.commit((transaction) => {
      for (const shard of expired) transaction.delete(this.tables.shards, shardKey(stream.id, shard.index));
      transaction.put(this.tables.garbage, key, { logs });
    });
    this.refresh(stream, true);
    this.#dropLogs(key, logs);
    this.#notify(stream.name);
  }

  /**
   * The commit that made these logs garbage is durable; if the process dies before all are dropped, the row remains for
   * the next start.
   */
  #dropLogs(key: string, logs: readonly LogId[]): void {
    const { engine } = this.#options;
    const drop = async (): Promise<void> => {
      for (const log of logs) await engine.drop(log);
      await engine.catalog.commit((transaction) => transaction.delete(this.tables.garbage, key));
    };
    this.#inBackground(drop());
  }

  #inBackground(work: Promise<void>): void {
    const settled: Promise<void> = work
      .catch((error: unknown) => {
        this.#options.log.error(
          { err: error },
          'work on streams failed and will be retried at the next start',
        );
      })
      .finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  /** Applies shards that a commit has changed or added. */
  #changeShards(stream: Stream, changed: readonly ShardRow[]): void {
    const row = this.tables.streams.get(stream.name);
    if (row === undefined || row.id !== stream.id) return;
    stream.changeShards(
      row,
      changed.map((shard) => new Shard(shard)),
    );
  }

  /** Calls the listener after a stream was created, deleted or resharded. Returns a function that removes it. */
  onChange(listener: (streamName: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #notify(streamName: string): void {
    for (const listener of this.#listeners) listener(streamName);
  }

  /** Waits for work in progress; work that is not due yet stays in the catalog. */
  async close(): Promise<void> {
    for (const cancel of this.#releases) cancel();
    await this.#lifecycle.close();
    await Promise.all(this.#background);
  }
}

function firstShards(logs: readonly LogId[], nowMs: number): ShardRow[] {
  const starts = evenStarts(logs.length);
  return logs.map((log, index) => {
    const following = starts[index + 1];
    return {
      index,
      log,
      createdSeconds: Math.floor(nowMs / 1000),
      openedMs: nowMs,
      startHash: starts[index] ?? '',
      endHash: following === undefined ? LAST_HASH_KEY : stepHashKey(following, -1n),
      parents: [],
    };
  });
}

function deleteAll<Row extends object>(transaction: Transaction, table: Table<Row>, prefix: string): void {
  const keys = Array.from(transaction.entries(table, prefix), ([key]) => key);
  for (const key of keys) transaction.delete(table, key);
}

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

function newStreamId(): string {
  return `${randomLetters(20)}-${randomLetters(3)}`;
}

function randomLetters(count: number): string {
  return Array.from({ length: count }, () => ID_ALPHABET[randomInt(ID_ALPHABET.length)]).join('');
}
