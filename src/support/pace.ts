import { setTimeout as sleep } from 'node:timers/promises';

/** Called with the number of bytes that were read. Rejects when the signal aborts. */
export type Pace = (bytes: number) => Promise<void>;

/** Called with the number of bytes that were read. */
export type OnRead = (bytes: number) => void;

export interface PacerOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onRead?: OnRead | undefined;
}

/** Limits reading to a number of bytes per second, on average. */
export function pacer(bytesPerSecond = Infinity, { signal, onRead }: PacerOptions = {}): Pace {
  const begun = performance.now();
  let read = 0;
  return async (bytes) => {
    signal?.throwIfAborted();
    read += bytes;
    onRead?.(bytes);
    const due = begun + (read / bytesPerSecond) * 1000;
    if (due > performance.now()) await sleep(due - performance.now(), undefined, { signal });
  };
}
