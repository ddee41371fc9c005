/**
 * Loaded into a server before its own code (`--import`), with `--expose-gc`. On SIGUSR2 it collects garbage and prints
 * the bytes that are left: what is in use, without what V8 has not collected yet and without its free pages.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';

export const REPORT = 'memory in use:';

async function report(): Promise<void> {
  // The second one finds what the finalizers of the first have let go.
  for (let time = 0; time < 2; time++) {
    globalThis.gc?.();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  process.stdout.write(`${REPORT} ${heapUsed + external}\n`);
}

if (isMainThread) process.on('SIGUSR2', () => void report());
