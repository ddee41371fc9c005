import type { MetricRegistry, MetricSamples } from '../metrics.ts';
import { type Clock, sleep } from '../support/clock.ts';
import { reasonOf } from '../support/errno.ts';
import type { Log } from '../support/log.ts';
import { TransitionLog } from '../support/transition-log.ts';
import type { AuditEntry, AuditSink } from './audit-log.ts';
import { auditLimits } from './limits.ts';

export interface RecordQueueOptions {
  /** For messages and metrics: `file` or `stream`. */
  readonly name: 'file' | 'stream';
  readonly bytesMax: number;
  readonly batch: { readonly bytesMax: number; readonly recordsMax: number };
  /** Records that do not belong there. */
  readonly skips?: (entry: AuditEntry) => boolean;
  /** Rejects if the records were not written; then it is called with the same ones again. */
  readonly write: (batch: readonly AuditEntry[]) => Promise<void>;
  /** The record that says how many were lost. */
  readonly lossRecord: (count: number) => AuditEntry;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricRegistry;
}

/**
 * Records on their way to a file or a stream: requests never wait for them. What finds no room is lost; the log, a metric
 * and, as soon as records can be written again, a record of its own say how many were.
 */
export class RecordQueue implements AuditSink {
  readonly #options: RecordQueueOptions;
  readonly #written: MetricSamples;
  readonly #lost: MetricSamples;
  readonly #transitions = new TransitionLog();
  readonly #closing = new AbortController();
  #waiting: AuditEntry[] = [];
  #waitingBytes = 0;
  #lostCount = 0;
  #running: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(options: RecordQueueOptions) {
    this.#options = options;
    const dimensions = { Destination: options.name };
    this.#written = options.metrics.metric('Nagare/Audit', 'WrittenRecords', 'Count', dimensions);
    this.#lost = options.metrics.metric('Nagare/Audit', 'LostRecords', 'Count', dimensions);
  }

  /** Why records cannot be written now. */
  get failure(): string | undefined {
    return this.#failure;
  }

  add(entry: AuditEntry): void {
    if (this.#options.skips?.(entry) === true) return;
    if (this.#waitingBytes + entry.bytes > this.#options.bytesMax) {
      this.#lostCount++;
      this.#lost.add(1);
      return;
    }
    this.#waiting.push(entry);
    this.#waitingBytes += entry.bytes;
    this.#running ??= this.#run();
  }

  /** Writes what waits, but does not wait for a disk or a stream that fails. */
  async close(): Promise<void> {
    const cancel = this.#options.clock.schedule(auditLimits.closeMs, () => this.#closing.abort());
    await this.#running;
    cancel();
    this.#closing.abort();
    if (this.#waiting.length === 0) return;
    this.#options.log.error(
      { records: this.#waiting.length },
      `audit records were not written to the ${this.#options.name}`,
    );
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop is written together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0 && !this.#closing.signal.aborted) {
      const batch = this.#nextBatch();
      try {
        await this.#options.write(batch);
      } catch (error) {
        this.#failed(error);
        await sleep(this.#options.clock, auditLimits.retryMs, this.#closing.signal);
        continue;
      }
      this.#wrote(batch);
    }
    this.#running = undefined;
  }

  #nextBatch(): AuditEntry[] {
    const { bytesMax, recordsMax } = this.#options.batch;
    let total = 0;
    let count = 0;
    for (const { bytes } of this.#waiting) {
      if (count === recordsMax || (count > 0 && total + bytes > bytesMax)) break;
      total += bytes;
      count++;
    }
    return this.#waiting.slice(0, count);
  }

  #wrote(batch: readonly AuditEntry[]): void {
    this.#waiting.splice(0, batch.length);
    for (const { bytes } of batch) this.#waitingBytes -= bytes;
    this.#written.add(batch.length);
    const { log, name, lossRecord } = this.#options;
    this.#failure = undefined;
    if (this.#transitions.cleared()) log.info(`audit records are written to the ${name} again`);
    if (this.#lostCount === 0) return;
    log.error(
      { count: this.#lostCount },
      `audit records were lost, because the ${name} did not take them in time`,
    );
    this.add(lossRecord(this.#lostCount));
    this.#lostCount = 0;
  }

  #failed(error: unknown): void {
    const { log, name } = this.#options;
    this.#failure = reasonOf(error);
    if (this.#transitions.changed(this.#failure)) {
      log.error(
        { err: error },
        `audit records cannot be written to the ${name}; they are kept while there is room`,
      );
    }
  }
}
