import { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { Log } from '../../support/log.ts';
import { ThreadPool } from '../../support/thread-pool.ts';
import { conversionJob, type ConversionAnswer } from './conversion-job.ts';
import type { Converted, ConversionOptions } from './conversion.ts';
import { formatLimits } from './limits.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Converts large batches in a thread of their own, so that requests are answered meanwhile. The thread starts with the
 * first one. One for all deliveries: what it works on at once, and holds in memory, is bounded.
 */
export class ConversionThread {
  readonly #log: Log;
  readonly #room = new ConcurrencyLimit(formatLimits.threadJobsMax);
  #threads: ThreadPool | undefined;
  #closed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Rejects when the thread has ended or is closed; the batch can be tried again. */
  async convert(options: ConversionOptions, records: readonly Uint8Array[]): Promise<Converted> {
    let bytes = 0;
    for (const record of records) bytes += record.length;
    if (bytes < formatLimits.threadBytesMin) {
      // Loaded when it is needed: the server starts without the libraries.
      const { Conversion } = await import('./conversion.ts');
      return new Conversion(options).convert(records, bytes);
    }
    return await this.#room.run(async () => {
      const job = await conversionJob(options, records);
      const answer = await this.#started().run<ConversionAnswer>(job);
      return { body: new Uint8Array(answer.body, 0, answer.bytes), refused: answer.refused };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#threads?.close();
  }

  #started(): ThreadPool {
    if (this.#closed) throw new Error('the thread of conversions is closed');
    const { threadJobsMax: jobsMax, threadRestartMs: restartMs } = formatLimits;
    this.#threads ??= new ThreadPool({ script, threads: 1, jobsMax, restartMs, log: this.#log });
    return this.#threads;
  }
}
