import { randomBytes } from 'node:crypto';
import { compareSequenceNumbers, type ShardCheckpoint } from '../../consumers/checkpoints.ts';
import { listLogLimits } from './limits.ts';
import { PreconditionFailedError } from '../s3/object-store.ts';
import type { Clock } from '../../support/clock.ts';
import { LogObjectError, type ObjectSnapshot, type LogObject } from './log-object.ts';
import type { LogState } from './log-state.ts';

/** Consecutive lines of one shard, in order. */
export interface ShardLines {
  readonly incarnation: string;
  readonly shardId: string;
  readonly records: readonly RecordLines[];
}

export interface RecordLines {
  readonly sequenceNumber: string;
  /** More than one line if the record was aggregated. */
  readonly text: string;
  readonly lines: number;
  readonly rawLines: number;
}

export interface LogWriterStatus {
  readonly state: LogState | undefined;
  readonly sizeBytes: number | undefined;
  readonly lastWriteMs: number | undefined;
  /** Why the last attempt failed; undefined if it succeeded. */
  readonly failure: Error | undefined;
}

export interface LogWriterOptions {
  readonly object: LogObject;
  readonly clock: Clock;
  /** Called when the object is known to contain lines of this list log; a rejection fails the write. */
  readonly onFirstWrite: () => Promise<void>;
  readonly onWrite?: (lines: number, rawLines: number, bytes: number, durationMs: number) => void;
}

/**
 * The only writer of a list log's object. Lines that arrive during a write form the next one. Each write stores the
 * position of each shard in the object's metadata, on condition that the object has not changed since it was read:
 * whatever happened to a write, the object tells, and lines are added exactly once. After a failure the object is
 * read again before anything else.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #base: ObjectSnapshot | undefined;
  #looking: Promise<ObjectSnapshot> | undefined;
  #waiting: PendingLines[] = [];
  #running: Promise<void> | undefined;
  #finished = new Set<string>();
  #known = false;
  /** The newest state that the object is known to have had. */
  #seen: LogState | undefined;
  #lastWriteMs: number | undefined;
  #failure: Error | undefined;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  get info(): LogWriterStatus {
    return {
      state: this.#base?.state,
      sizeBytes: this.#base?.info?.sizeBytes,
      lastWriteMs: this.#lastWriteMs,
      failure: this.#failure,
    };
  }

  /** How far a shard's lines are in the object; undefined if it has none. Reads the object if necessary. */
  async position(incarnation: string, shardId: string): Promise<ShardCheckpoint | undefined> {
    const { state } = await this.#look();
    if (state.incarnation !== incarnation) return undefined;
    return this.#finished.has(shardId) ? { state: 'finished' } : state.positions.get(shardId);
  }

  /**
   * Resolves when all lines are durable in the object. When it rejects, some or all of them may be; add them again.
   */
  add(lines: ShardLines): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, resolve, reject });
      this.#running ??= this.#run().finally(() => (this.#running = undefined));
    });
  }

  /** The shard has ended and all its lines are written: the next write says so. */
  finish(shardId: string): void {
    this.#finished.add(shardId);
  }

  /** Removes the positions of shards whose records have expired, with the next write. */
  retain(incarnation: string, shardIds: ReadonlySet<string>): void {
    for (const shardId of this.#finished) if (!shardIds.has(shardId)) this.#finished.delete(shardId);
    if (this.#base === undefined || this.#base.state.incarnation !== incarnation) return;
    const kept = [...this.#base.state.positions].filter(([shardId]) => shardIds.has(shardId));
    this.#base = { ...this.#base, state: { ...this.#base.state, positions: new Map(kept) } };
  }

  /** Waits for the write in progress. */
  async close(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      try {
        await this.#write(batch.map(({ lines }) => lines));
        this.#failure = undefined;
        for (const entry of batch) entry.resolve();
      } catch (error) {
        this.#base = undefined;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        for (const entry of batch) entry.reject(error);
      }
    }
  }

  #take(): PendingLines[] {
    let bytes = 0;
    let count = 0;
    for (const { lines } of this.#waiting) {
      bytes += lines.records.reduce((sum, record) => sum + record.text.length, 0);
      if (count > 0 && bytes > listLogLimits.writeBytesMax) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(batch: readonly ShardLines[]): Promise<void> {
    const { object, clock, onWrite } = this.#options;
    for (let conflicts = 0; ; conflicts++) {
      const base = await this.#look();
      const missing = batch.map((lines) => ({ ...lines, records: notIn(base.state, lines) }));
      const records = missing.flatMap((lines) => lines.records);
      if (records.length === 0) return;
      const text = Buffer.from(records.map((record) => record.text).join(''));
      const state = this.#after(base.state, missing);
      const beganMs = clock.now();
      try {
        this.#base = await object.write(base, text, state);
        this.#seen = state;
      } catch (error) {
        this.#base = undefined;
        // Another writer changed the object, or an attempt of ours whose response was lost.
        if (!(error instanceof PreconditionFailedError) || conflicts === listLogLimits.conflictsMax)
          throw error;
        continue;
      }
      this.#lastWriteMs = clock.now();
      onWrite?.(
        state.lines - base.state.lines,
        state.rawLines - base.state.rawLines,
        text.length,
        clock.now() - beganMs,
      );
      await this.#tellFirst();
      return;
    }
  }

  async #look(): Promise<ObjectSnapshot> {
    if (this.#base !== undefined) return this.#base;
    this.#looking ??= this.#options.object.look().finally(() => (this.#looking = undefined));
    try {
      const base = await this.#looking;
      if (this.#seen !== undefined && isBefore(base.state, this.#seen)) throw setBack();
      this.#seen = base.state;
      this.#base = base;
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      throw error;
    }
    if (this.#base.state.writeToken !== '') await this.#tellFirst();
    return this.#base;
  }

  async #tellFirst(): Promise<void> {
    if (this.#known) return;
    await this.#options.onFirstWrite();
    this.#known = true;
  }

  #after(before: LogState, batch: readonly ShardLines[]): LogState {
    const incarnation = batch.at(-1)?.incarnation ?? before.incarnation;
    const positions = new Map(before.incarnation === incarnation ? before.positions : []);
    let { lines, rawLines } = before;
    for (const { shardId, records } of batch) {
      const last = records.at(-1);
      if (last === undefined) continue;
      for (const record of records) {
        lines += record.lines;
        rawLines += record.rawLines;
      }
      const from = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber } as const;
      positions.set(shardId, { state: 'reading', from });
    }
    for (const shardId of this.#finished) positions.set(shardId, { state: 'finished' });
    return {
      id: before.id,
      writeToken: randomBytes(9).toString('base64url'),
      incarnation,
      positions,
      lines,
      rawLines,
    };
  }
}

/** Someone restored an earlier version of the object: this writer's readers are ahead of it. */
function isBefore(state: LogState, seen: LogState): boolean {
  if (state.incarnation !== seen.incarnation) return seen.incarnation !== '' && state.incarnation === '';
  for (const [shardId, position] of seen.positions) {
    const now = state.positions.get(shardId);
    // A shard that is missing was removed because its records have expired.
    if (now === undefined || now.state === 'finished' || position.state === 'finished') continue;
    if (now.from.type !== 'AFTER_SEQUENCE_NUMBER' || position.from.type !== 'AFTER_SEQUENCE_NUMBER') continue;
    if (compareSequenceNumbers(now.from.sequenceNumber, position.from.sequenceNumber) < 0) return true;
  }
  return false;
}

function setBack(): LogObjectError {
  return new LogObjectError(
    'the object was replaced by an earlier version; its missing lines are written at the next start of nagare',
  );
}

interface PendingLines {
  readonly lines: ShardLines;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The lines that the object does not have yet: another writer or a lost response may have been first. */
function notIn(state: LogState, { incarnation, shardId, records }: ShardLines): readonly RecordLines[] {
  const position = state.incarnation === incarnation ? state.positions.get(shardId) : undefined;
  if (position === undefined) return records;
  if (position.state === 'finished') return [];
  const { from } = position;
  if (from.type !== 'AFTER_SEQUENCE_NUMBER') return records;
  return records.filter((record) => compareSequenceNumbers(record.sequenceNumber, from.sequenceNumber) > 0);
}
