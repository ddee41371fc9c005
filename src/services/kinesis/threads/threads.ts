import type { Log } from '../../../support/log.ts';
import { limits } from '../../../limits.ts';
import { ThreadPool } from '../../../support/thread-pool.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** The threads, when one of them has time, and there is enough in the body or the answer to be worth the way. */
export function threadsFor(bytes: number, threads: ThreadPool | undefined): ThreadPool | undefined {
  return bytes >= limits.threadBytesMin && threads?.hasRoom === true ? threads : undefined;
}

/** Threads that turn bodies to records, and records to answers, beside the one that does all the rest. */
export function startThreads(threads: number, log: Log): ThreadPool {
  const { threadJobsMax: jobsMax, threadRestartMs: restartMs } = limits;
  return new ThreadPool({ script, threads, jobsMax, restartMs, log });
}
