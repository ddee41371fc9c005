import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../support/errno.ts';
import type { Terminal } from '../terminal.ts';
import type { OutputFlags } from './output.ts';
import { Progress } from './progress.ts';

const EVERY_MS = 1000;

/** For how much of the time a folder may be measured that grows: it can have very many files. */
const MEASURING_SHARE = 0.1;

interface BytesWork {
  /** `reading ./nagare-data` */
  readonly what: string;
  /** The folder that is worked on. */
  readonly folder: string;
}

/** Shows how much of a folder has been read while `work` calls its argument with what it reads. */
export async function readingBytes<Result>(
  terminal: Terminal,
  flags: OutputFlags,
  { what, folder }: BytesWork,
  work: (onRead: (bytes: number) => void) => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(terminal, 'bytes', { what, quiet: flags.quiet === true });
  if (!terminal.showsErrors || flags.quiet === true) return work(() => undefined);
  const stop = new AbortController();
  // The total is known a little later: the work does not wait for it.
  const measured = bytesIn(folder, stop.signal).then((total) => progress.expect(total));
  const timer = setInterval(() => progress.add(0), EVERY_MS);
  try {
    return await work((bytes) => progress.add(bytes));
  } finally {
    clearInterval(timer);
    stop.abort();
    await measured;
    progress.end();
  }
}

/** Shows how much of a folder has been copied, by what is in the copy: another process may write it. */
export async function copyingBytes<Result>(
  terminal: Terminal,
  flags: OutputFlags,
  { what, folder, target }: BytesWork & { readonly target: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const progress = new Progress(terminal, 'bytes', { what, quiet: flags.quiet === true });
  if (!terminal.showsErrors || flags.quiet === true) return work();
  const stop = new AbortController();
  let dueMs = 0;
  let measuring: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const beganMs = performance.now();
    progress.add((await bytesIn(target, stop.signal)) - progress.done);
    dueMs = performance.now() + (performance.now() - beganMs) / MEASURING_SHARE;
  };
  const timer = setInterval(() => {
    if (performance.now() < dueMs) return progress.add(0);
    measuring ??= look().finally(() => (measuring = undefined));
  }, EVERY_MS);
  const measured = bytesIn(folder, stop.signal).then((total) => progress.expect(total));
  try {
    return await work();
  } finally {
    clearInterval(timer);
    stop.abort();
    await Promise.all([measured, measuring]);
    progress.end();
  }
}

/** The size of all files below a folder, as far as it was measured when the signal aborts. */
async function bytesIn(folder: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (signal.aborted) break;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) bytes += await bytesIn(path, signal);
      else if (entry.isFile()) bytes += (await stat(path)).size;
    }
  } catch (error) {
    // Removed meanwhile, or not to be read by this user: the work says so itself.
    if (!hasErrorCode(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
  }
  return bytes;
}
