import type { CheckpointChange, ShardWindows } from '../../../consumers/batch.ts';
import type { ShardView, StreamRecord, StreamView } from '../../../consumers/source.ts';
import type { Catalog, Transaction } from '../../../engine/catalog.ts';
import type { DiskTable, Tables } from '../../../engine/tables.ts';
import { backoffMs } from '../../../support/backoff.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { lambdaLimits } from '../limits.ts';
import type { Blockage, Blockages } from './blockages.ts';
import type { EventWindow } from './event.ts';

/**
 * The open window of a shard, in the disk table `lambda.windows`. The key is the mapping's UUID, the stream's
 * incarnation and the shard's ID.
 */
export interface WindowRow {
  readonly startMs: number;
  readonly seconds: number;
  /** What the function returned last. */
  readonly state: unknown;
  /** The state is too large: the window is over before its time. */
  readonly isOverEarly?: true;
}

export function windowTable(tables: Tables): DiskTable<WindowRow> {
  return tables.open('lambda.windows');
}

export interface WindowStore {
  readonly catalog: Catalog;
  readonly table: DiskTable<WindowRow>;
}

export interface TumblingWindowsOptions extends WindowStore {
  readonly mapping: string;
  readonly seconds: number;
  readonly clock: Clock;
  /** Makes the final invocation of a window; whether it succeeded. */
  readonly finish: (shardId: string, window: EventWindow, signal: AbortSignal) => Promise<FinishOutcome>;
  readonly blockages: Blockages;
  readonly log: Log;
}

/** `problem`: why the final invocation failed; absent when it succeeded. */
export interface FinishOutcome {
  readonly problem?: string;
}

const retryPause = { initialMs: lambdaLimits.mappingRetryInitialMs, maxMs: lambdaLimits.mappingRetryMsMax };

/**
 * The tumbling windows of a mapping: one for each shard, as Lambda's guide "Implementing stateful Kinesis Data Streams
 * processing" describes them. A window's state becomes durable in one commit with the checkpoint of the records that it
 * covers, so that after a crash no record is missing from it, and none counts twice.
 */
export class TumblingWindows {
  readonly #options: TumblingWindowsOptions;
  readonly #shards = new Map<string, ShardWindow>();
  #tidying: Promise<void> | undefined;

  constructor(options: TumblingWindowsOptions) {
    this.#options = options;
  }

  /** The start of the record's window. */
  windowOf({ arrivalMs }: StreamRecord): number {
    const lengthMs = this.#options.seconds * 1000;
    return Math.floor(arrivalMs / lengthMs) * lengthMs;
  }

  of(shardId: string): ShardWindow | undefined {
    return this.#shards.get(shardId);
  }

  /**
   * Loads the window of a shard. One of another length, from before an update of the mapping, is ended at once. Without
   * tumbling windows there is nothing else to do.
   */
  async open(stream: StreamView, shard: ShardView, signal: AbortSignal): Promise<ShardWindow | undefined> {
    const { table, mapping, seconds } = this.#options;
    this.#tidying ??= this.#removeOthers(stream);
    await this.#tidying;
    const key = keyOf(mapping, stream, shard.shardId);
    const row = await table.get(key);
    const window = new ShardWindow(this.#options, key, shard.shardId, row);
    if (row !== undefined && row.seconds !== seconds) await window.end(signal);
    if (seconds === 0) return undefined;
    this.#shards.set(shard.shardId, window);
    return window;
  }

  /** Removes the windows of shards that have expired, and of deleted streams. */
  async #removeOthers(stream: StreamView): Promise<void> {
    const { catalog, table, mapping } = this.#options;
    const kept = new Set(stream.shards.map(({ shardId }) => keyOf(mapping, stream, shardId)));
    const left = (await windowKeys(table, mapping)).filter((key) => !kept.has(key));
    if (left.length > 0) await catalog.commit((transaction) => deleteWindows(transaction, table, left));
  }
}

/** The windows of one shard, one after the other. */
export class ShardWindow implements ShardWindows {
  readonly #options: TumblingWindowsOptions;
  readonly #key: string;
  readonly #shardId: string;
  #row: WindowRow | undefined;

  constructor(
    options: TumblingWindowsOptions,
    key: string,
    shardId: string,
    row: Readonly<WindowRow> | undefined,
  ) {
    this.#options = options;
    this.#key = key;
    this.#shardId = shardId;
    this.#row = row;
  }

  /** Records may become visible shortly after the time of their arrival: the window waits for them. */
  get endsAtMs(): number {
    if (this.#row === undefined) return Infinity;
    if (this.#row.isOverEarly === true) return -Infinity;
    return endOf(this.#row) + lambdaLimits.mappingWindowGraceMs;
  }

  /** Opens the window that starts then; an earlier one is ended first. Records that arrive late count in the open one. */
  async enter(startMs: number, signal: AbortSignal): Promise<EventWindow> {
    const open = this.#row;
    if (open !== undefined && (open.startMs < startMs || open.isOverEarly === true)) await this.end(signal);
    this.#row ??= { startMs, seconds: this.#options.seconds, state: {} };
    return describe(this.#row, false);
  }

  /**
   * Takes the state that the function returned. The result belongs into the checkpoint's commit; undefined for a state
   * that cannot be kept.
   */
  advance(state: unknown): CheckpointChange | undefined {
    const before = this.#row;
    if (before === undefined) throw new Error('a state was returned for a window that is not open');
    const bytes = Buffer.byteLength(JSON.stringify(state));
    if (bytes > lambdaLimits.mappingWindowLastStateBytesMax) return undefined;
    const isOverEarly = bytes > lambdaLimits.mappingWindowStateBytesMax;
    const row: WindowRow = { ...before, state, ...(isOverEarly && { isOverEarly }) };
    this.#row = row;
    return (transaction) => transaction.put(this.#options.table, this.#key, row);
  }

  /**
   * Makes the final invocation until it succeeds or is skipped: until then, as on AWS, the shard is not processed
   * further. Rejects when aborted.
   */
  async end(signal: AbortSignal): Promise<void> {
    const row = this.#row;
    if (row === undefined) return;
    const { catalog, table, clock, seconds, mapping, finish, blockages, log } = this.#options;
    const isEarly = row.isOverEarly === true || row.seconds !== seconds;
    const window = { ...describe(row, true), isWindowTerminatedEarly: isEarly };
    let blockage: Blockage | undefined;
    let wasSkipped = false;
    try {
      for (let failures = 1; ; failures++) {
        const { problem } = await finish(this.#shardId, window, signal);
        if (problem === undefined) break;
        const start = window.window.start;
        const info = { shardId: this.#shardId, failures, reason: problem, records: 0, window: start };
        if (blockage === undefined) blockage = blockages.add(info);
        else blockage.info = info;
        await blockage.pause(clock, backoffMs(retryPause, failures), signal);
        signal.throwIfAborted();
        wasSkipped = blockage.isSkipped;
        if (wasSkipped) break;
      }
      if (wasSkipped) log.error({ mapping, ...blockage?.info }, 'the final state of a window was discarded');
      await catalog.commit((transaction) => transaction.delete(table, this.#key));
      this.#row = undefined;
    } finally {
      if (blockage !== undefined) blockages.remove(blockage, wasSkipped && this.#row === undefined);
    }
  }
}

/** The keys of a mapping's windows. */
export async function windowKeys(table: DiskTable<WindowRow>, mapping: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of table.entries({ prefix: `${mapping}/` })) keys.push(key);
  return keys;
}

export function deleteWindows(
  transaction: Transaction,
  table: DiskTable<WindowRow>,
  keys: readonly string[],
): void {
  for (const key of keys) transaction.delete(table, key);
}

function keyOf(mapping: string, stream: StreamView, shardId: string): string {
  return `${mapping}/${stream.incarnation}/${shardId}`;
}

function endOf({ startMs, seconds }: WindowRow): number {
  return startMs + seconds * 1000;
}

function describe(row: WindowRow, isFinal: boolean): EventWindow {
  return {
    window: { start: secondsOf(row.startMs), end: secondsOf(endOf(row)) },
    state: row.state,
    isFinalInvokeForWindow: isFinal,
    isWindowTerminatedEarly: false,
  };
}

/** ISO 8601 without milliseconds, as in AWS's events. */
function secondsOf(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
