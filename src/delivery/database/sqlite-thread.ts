import { setImmediate } from 'node:timers/promises';
import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { Log } from '../../support/log.ts';
import { ThreadPool, type Transfer } from '../../support/thread-pool.ts';
import type { DeliveryRecord } from '../destination.ts';
import { DatabaseError } from './errors.ts';
import { databaseLimits } from './limits.ts';
import type { RefusedAt, SqliteAnswer, SqliteJob } from './sqlite-job.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export type SqliteTask = Pick<
  SqliteJob,
  'file' | 'dataDir' | 'table' | 'deliveryId' | 'shardId' | 'lastSequenceNumber' | 'refused'
>;

/**
 * Writes to SQLite in a separate thread, because its calls block until the data is on disk. The thread starts with the
 * first batch. All deliveries share it.
 */
export class SqliteThread {
  readonly #log: Log;
  readonly #room = new ConcurrencyLimit(databaseLimits.sqliteJobsMax);
  #threads: ThreadPool | undefined;
  #closed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the refused records. Throws DatabaseError; rejects if the thread has ended. */
  async write(
    task: SqliteTask,
    records: readonly DeliveryRecord[],
    signal: AbortSignal,
  ): Promise<readonly RefusedAt[]> {
    return await this.#room.run(async () => {
      signal.throwIfAborted();
      const answer = await this.#started().run<SqliteAnswer>(await jobOf(task, records));
      if (answer.failure === undefined) return answer.refused;
      throw new DatabaseError(answer.failure.code, answer.failure.message);
    });
  }

  /** Stops the thread. A transaction that is not committed is rolled back. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#threads?.close();
  }

  #started(): ThreadPool {
    if (this.#closed) throw new Error('the SQLite thread is closed');
    const { sqliteJobsMax: jobsMax, sqliteRestartMs: restartMs } = databaseLimits;
    this.#threads ??= new ThreadPool({ script, threads: 1, jobsMax, restartMs, log: this.#log });
    return this.#threads;
  }
}

/** Copies the records, because another attempt may need them. Yields to other work in between. */
async function jobOf(task: SqliteTask, records: readonly DeliveryRecord[]): Promise<Transfer<SqliteJob>> {
  let total = 0;
  for (const { data } of records) total += data.length;
  const data = new Uint8Array(total);
  const ends = new Uint32Array(records.length);
  const arrivals = new Float64Array(records.length);
  const subSequenceNumbers = new Uint32Array(records.length);
  const sequenceNumbers: string[] = [];
  let at = 0;
  let pauseAt: number = databaseLimits.copiedBytesAtOnceMax;
  for (const [index, record] of records.entries()) {
    if (at > pauseAt) {
      await setImmediate();
      pauseAt = at + databaseLimits.copiedBytesAtOnceMax;
    }
    data.set(record.data, at);
    at += record.data.length;
    ends[index] = at;
    arrivals[index] = record.arrivalMs;
    subSequenceNumbers[index] = record.subSequenceNumber;
    sequenceNumbers.push(record.sequenceNumber);
  }
  return {
    message: { ...task, data: data.buffer, ends, arrivals, subSequenceNumbers, sequenceNumbers },
    moved: [data.buffer, ends.buffer, arrivals.buffer, subSequenceNumbers.buffer],
  };
}
