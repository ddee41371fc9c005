import { JobThread } from '../../support/job-thread.ts';
import type { Log } from '../../support/log.ts';
import { deliveryLimits } from '../limits.ts';
import { areForThread, type PackedRecords, packRecords } from '../packed-records.ts';
import type { EncodedRows, EncodeOptions } from './encode-rows.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** An encoding for the thread. */
export interface EncodingJob {
  readonly options: EncodeOptions;
  readonly records: PackedRecords;
}

/**
 * Encodes the data files of large batches in a thread, so that requests are answered meanwhile. One for all tables:
 * what it works on at once, and holds in memory, is bounded.
 */
export class EncodingThread {
  readonly #thread: JobThread;

  constructor(log: Log) {
    const { threadJobsMax: jobsMax, threadRestartMs: restartMs } = deliveryLimits;
    this.#thread = new JobThread({ script, jobsMax, restartMs, log });
  }

  /** Rejects when the thread has ended or is closed; the batch can be tried again. */
  async encode(options: EncodeOptions, records: readonly Uint8Array[]): Promise<EncodedRows> {
    if (!areForThread(records)) {
      // Loaded when it is needed: the server starts without the libraries.
      const { encodeRows } = await import('./encode-rows.ts');
      return encodeRows(options, records);
    }
    return await this.#thread.run<EncodedRows>(async () => {
      const { message, moved } = await packRecords(records);
      return { message: { options, records: message } satisfies EncodingJob, moved };
    });
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
