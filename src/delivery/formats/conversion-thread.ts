import { JobThread } from '../../support/job-thread.ts';
import type { Log } from '../../support/log.ts';
import { deliveryLimits } from '../limits.ts';
import { areForThread, bytesOf, packRecords } from '../packed-records.ts';
import type { ConversionAnswer, ConversionJob } from './conversion-job.ts';
import type { Converted, ConversionOptions } from './conversion.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Converts large batches in a thread of their own, so that requests are answered meanwhile. One for all deliveries:
 * what it works on at once, and holds in memory, is bounded.
 */
export class ConversionThread {
  readonly #thread: JobThread;

  constructor(log: Log) {
    const { threadJobsMax: jobsMax, threadRestartMs: restartMs } = deliveryLimits;
    this.#thread = new JobThread({ script, jobsMax, restartMs, log });
  }

  /** Rejects if the thread ended or is closed. The batch can be retried. */
  async convert(options: ConversionOptions, records: readonly Uint8Array[]): Promise<Converted> {
    if (!areForThread(records)) {
      // Loaded on first use, so that the server starts without the libraries.
      const { Conversion } = await import('./conversion.ts');
      return new Conversion(options).convert(records, bytesOf(records));
    }
    const answer = await this.#thread.run<ConversionAnswer>(async () => {
      const { message, moved } = await packRecords(records);
      return { message: { options, records: message } satisfies ConversionJob, moved };
    });
    return { body: new Uint8Array(answer.body, 0, answer.bytes), refused: answer.refused };
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }
}
