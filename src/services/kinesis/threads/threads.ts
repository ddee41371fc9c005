import type { Log } from '../../../support/log.ts';
import { kinesisLimits } from '../limits.ts';
import { ThreadPool } from '../../../support/thread-pool.ts';

const script = new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Returns the threads if one of them is free and the body or response is large enough to be worth the transfer. */
export function threadsFor(bytes: number, threads: ThreadPool | undefined): ThreadPool | undefined {
  return bytes >= kinesisLimits.threadBytesMin && threads?.hasRoom === true ? threads : undefined;
}

/** Starts the threads that parse large bodies and encode large responses. */
export function startThreads(threads: number, log: Log): ThreadPool {
  const { threadJobsMax: jobsMax, threadRestartMs: restartMs } = kinesisLimits;
  return new ThreadPool({ script, threads, jobsMax, restartMs, log });
}
