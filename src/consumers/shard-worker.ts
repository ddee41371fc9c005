import { consumerLimits } from './limits.ts';
import { backoffMs } from '../support/backoff.ts';
import { sleep, type Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { Signal } from '../support/signal.ts';
import {
  AlreadyLoggedError,
  type BatchHandler,
  type BatchOptions,
  type CheckpointChange,
  type ShardBatch,
  type ShardWindows,
} from './batch.ts';
import { ShardLane, type LaneRecord } from './lane.ts';
import { compareSequenceNumbers, type CheckpointStore } from './checkpoints.ts';
import { ShardProgress } from './shard-progress.ts';
import {
  UnknownShardError,
  type ShardReader,
  type ShardView,
  type StartingPosition,
  type StreamSource,
  type StoredPosition,
  type StreamView,
} from './source.ts';

export interface ShardWork {
  readonly source: StreamSource;
  readonly stream: StreamView;
  readonly shard: ShardView;
  readonly from: StartingPosition;
  readonly positions: CheckpointStore;
  readonly batch: BatchOptions;
  readonly handle: BatchHandler;
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts to stop the work, after the batches in progress. */
  readonly signal: AbortSignal;
}

/** `finished`: all records are handled and the checkpoint says so. `gone`: the stream or the shard was deleted. */
export type ShardEnd = 'finished' | 'stopped' | 'gone';

const retryPause = { initialMs: consumerLimits.retryInitialMs, maxMs: consumerLimits.retryMsMax };

/**
 * Reads a shard from `from` to its end, batch by batch. Resolves when the end is reached or the work is stopped.
 */
export async function workShard(work: ShardWork): Promise<ShardEnd> {
  try {
    const { source, stream, shard, from, batch, signal } = work;
    const windows = await batch.openWindows?.(stream, shard, signal);
    const reader = await source.open(stream, shard.shardId, from);
    return await new ShardWorker(work, reader, windows).run();
  } catch (error) {
    if (error instanceof UnknownShardError) return 'gone';
    throw error;
  }
}

/** A single loop that reads and dispatches; lanes only report back through the signal. */
class ShardWorker {
  readonly #work: ShardWork;
  readonly #reader: ShardReader;
  readonly #windows: ShardWindows | undefined;
  readonly #lanes: ShardLane[];
  readonly #progress = new ShardProgress();
  readonly #wake = new Signal();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  /** The signal of the work, combined with this worker's own end. */
  readonly #signal: AbortSignal;
  #saved: StoredPosition | undefined;
  /** Changes of handlers that wait for the next checkpoint. */
  #changes: CheckpointChange[] = [];
  #millisBehindLatest = 0;
  #atTail = false;
  #waiting: Promise<void> | undefined;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(work: ShardWork, reader: ShardReader, windows: ShardWindows | undefined) {
    this.#work = work;
    this.#reader = reader;
    this.#windows = windows;
    this.#signal = AbortSignal.any([work.signal, this.#stop.signal]);
    this.#lanes = Array.from(
      { length: work.batch.lanes ?? 1 },
      () => new ShardLane(work.batch, work.clock, consumerLimits.fillMs),
    );
  }

  async run(): Promise<ShardEnd> {
    this.#signal.addEventListener('abort', () => this.#wake.set(), { once: true });
    try {
      return await this.#loop();
    } finally {
      this.#stop.abort();
      await Promise.all([...this.#underWay, this.#waiting]);
      for (const lane of this.#lanes) lane.drop();
    }
  }

  async #loop(): Promise<ShardEnd> {
    const { positions, stream, shard } = this.#work;
    while (!this.#signal.aborted) {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#dispatch();
      if (this.#ended && this.#isIdle && this.#windowEndsAtMs === Infinity) {
        await positions.save(stream, shard.shardId, { state: 'finished' });
        return 'finished';
      }
      if (!this.#ended && !this.#atTail && this.#hasRoom()) await this.#fill();
      else await this.#pause();
    }
    return 'stopped';
  }

  #dispatch(): void {
    const exhausted = this.#atTail || !this.#hasRoom();
    for (const lane of this.#lanes) {
      if (lane.ready(exhausted, this.#ended)) this.#occupy(lane, this.#handle(lane.take()));
    }
    const [lane] = this.#lanes;
    const windowsAreOver = this.#ended || this.#work.clock.now() >= this.#windowEndsAtMs;
    if (lane === undefined || !windowsAreOver || this.#windows === undefined) return;
    if (this.#windowEndsAtMs !== Infinity) this.#occupy(lane, this.#windows.end(this.#signal));
  }

  #occupy(lane: ShardLane, work: Promise<void>): void {
    lane.busy = true;
    const task = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay.delete(task);
        lane.release();
        this.#wake.set();
      });
    this.#underWay.add(task);
  }

  get #isIdle(): boolean {
    return this.#underWay.size === 0 && this.#lanes.every((lane) => lane.length === 0);
  }

  /** When the open window is due to end; Infinity while there are records to handle or to read. */
  get #windowEndsAtMs(): number {
    const isDone = this.#isIdle && (this.#atTail || this.#ended);
    return isDone ? (this.#windows?.endsAtMs ?? Infinity) : Infinity;
  }

  /** Waits until a lane is done, a window is over, records arrive, or the work ends. */
  async #pause(): Promise<void> {
    const dueMs = Math.min(this.#windowEndsAtMs, ...this.#lanes.map((lane) => lane.dueMs));
    const { clock } = this.#work;
    const cancel =
      dueMs === Infinity ? undefined : clock.schedule(dueMs - clock.now(), () => this.#wake.set());
    await this.#wake.wait();
    cancel?.();
  }

  /** Does not read ahead while all lanes are busy: reading is fast, and records take memory. */
  #hasRoom(): boolean {
    const { recordsMax, bytesMax, room } = this.#work.batch;
    let records = 0;
    let bytes = 0;
    let heldBytes = 0;
    let idle = false;
    for (const lane of this.#lanes) {
      records += lane.length;
      bytes += lane.bytes;
      heldBytes += lane.heldBytes;
      idle ||= !lane.busy;
    }
    if (room?.isFull === true && heldBytes >= room.bytesEach) return false;
    return idle && records < recordsMax * this.#lanes.length && bytes < bytesMax * this.#lanes.length;
  }

  async #fill(): Promise<void> {
    const { batch } = this.#work;
    const { sizeOf, select } = batch;
    const chunk = await this.#reader.read({
      maxRecords: Math.min(batch.recordsMax * this.#lanes.length, consumerLimits.readRecordsMax),
      maxBytes: batch.room === undefined ? batch.bytesMax : Math.min(batch.bytesMax, batch.room.readBytesMax),
    });
    let skipped = 0;
    for (const record of chunk.records) {
      const markHandled = this.#progress.add(record);
      if (select?.(record) === false) {
        skipped++;
        markHandled();
      } else {
        this.#laneOf(record.partitionKey).push({
          record,
          bytes: sizeOf?.(record) ?? record.data.length,
          markHandled,
        });
      }
    }
    this.#millisBehindLatest = chunk.millisBehindLatest;
    this.#ended = chunk.ended;
    batch.onRead?.(chunk.records.length, skipped);
    if (skipped > 0) await this.#save();
    if (chunk.records.length === 0 && !chunk.ended) this.#waiting = this.#awaitRecords();
  }

  async #awaitRecords(): Promise<void> {
    this.#atTail = true;
    try {
      await this.#reader.wait(this.#signal);
      this.#atTail = false;
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#wake.set();
  }

  #laneOf(partitionKey: string): ShardLane {
    const [only] = this.#lanes;
    const lane = this.#lanes.length === 1 ? only : this.#lanes[hash(partitionKey) % this.#lanes.length];
    if (lane === undefined) throw new RangeError('a shard is read in at least one lane');
    return lane;
  }

  /** Delivers a batch until it is handled; gives up only when stopped. */
  async #handle(entries: readonly LaneRecord[]): Promise<void> {
    const { handle, clock, log, stream, shard } = this.#work;
    let handled = 0;
    let attempt = 1;
    const checkpoint = async (count: number, change?: CheckpointChange): Promise<void> => {
      if (change !== undefined) this.#changes.push(change);
      for (const { markHandled } of entries.slice(handled, count)) markHandled();
      handled = Math.max(handled, count);
      await this.#save();
    };
    do {
      const first = handled;
      try {
        if (first < entries.length) {
          await handle(
            this.#batch(entries.slice(first), attempt, (count, change) => checkpoint(first + count, change)),
          );
        }
        return await checkpoint(entries.length);
      } catch (error) {
        if (this.#signal.aborted) return;
        if (!(error instanceof AlreadyLoggedError)) {
          const info = { stream: stream.name, shard: shard.shardId, attempt, err: error };
          log.warn({ ...info, records: entries.length - handled }, 'a batch failed and will be retried');
        }
        await sleep(clock, backoffMs(retryPause, attempt), this.#signal);
        attempt = handled > first ? 1 : attempt + 1;
      }
    } while (!this.#signal.aborted);
  }

  #batch(entries: readonly LaneRecord[], attempt: number, checkpoint: ShardBatch['checkpoint']): ShardBatch {
    const { stream, shard } = this.#work;
    const records = entries.map(({ record }) => record);
    const last = records.at(-1);
    if (last === undefined) throw new RangeError('a batch has at least one record');
    return {
      stream,
      shard,
      records,
      position: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber },
      millisBehindLatest: this.#millisBehindLatest,
      attempt,
      signal: this.#signal,
      checkpoint,
      expired: () => this.#countExpired(records.map(({ sequenceNumber }) => sequenceNumber)),
    };
  }

  async #countExpired(sequenceNumbers: readonly string[]): Promise<number> {
    const oldest = await this.#oldestKept();
    if (oldest === undefined) return sequenceNumbers.length;
    const kept = sequenceNumbers.findIndex((number) => compareSequenceNumbers(number, oldest) >= 0);
    return kept === -1 ? sequenceNumbers.length : kept;
  }

  async #oldestKept(): Promise<string | undefined> {
    const { source, stream, shard } = this.#work;
    try {
      const reader = await source.open(stream, shard.shardId, { type: 'TRIM_HORIZON' });
      return (await reader.read({ maxRecords: 1, maxBytes: 1 })).records[0]?.sequenceNumber;
    } catch (error) {
      if (error instanceof UnknownShardError) return undefined;
      throw error;
    }
  }

  async #save(): Promise<void> {
    const from = this.#progress.position;
    if (from === undefined || from === this.#saved) return;
    const { positions, stream, shard } = this.#work;
    const changes = this.#changes;
    await positions.save(stream, shard.shardId, { state: 'reading', from }, (transaction) => {
      for (const change of changes) change(transaction);
    });
    this.#changes = this.#changes.slice(changes.length);
    this.#saved = from;
  }
}

/** FNV-1a, to spread keys over lanes; it need not be the hash that chooses shards. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
