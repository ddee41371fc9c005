import { ConcurrencyLimit } from './concurrency-limit.ts';
import type { Log } from './log.ts';
import { ThreadPool, type Transfer } from './thread-pool.ts';

export interface JobThreadOptions {
  /** The script's jobs: `serveJobs` (worker-main.ts). */
  readonly script: URL;
  /** Jobs that are with the thread; further ones wait, and are not even prepared. */
  readonly jobsMax: number;
  /** The delay before a crashed thread is restarted. */
  readonly restartMs: number;
  readonly log: Log;
}

/** One thread for work that would keep requests waiting. It starts with the first job. */
export class JobThread {
  readonly #options: JobThreadOptions;
  readonly #room: ConcurrencyLimit;
  #threads: ThreadPool | undefined;
  #closed = false;

  constructor(options: JobThreadOptions) {
    this.#options = options;
    this.#room = new ConcurrencyLimit(options.jobsMax);
  }

  /** Rejects when the job fails, or the thread has ended or is closed. */
  async run<Answer extends object>(prepare: () => Promise<Transfer<object>>): Promise<Answer> {
    return await this.#room.run(async () => {
      const job = await prepare();
      return await this.#started().run<Answer>(job);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#threads?.close();
  }

  #started(): ThreadPool {
    if (this.#closed) throw new Error('the thread is closed');
    this.#threads ??= new ThreadPool({ ...this.#options, threads: 1 });
    return this.#threads;
  }
}
