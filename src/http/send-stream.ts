import type { Writable } from 'node:stream';

/**
 * Sends what `body` yields, asking for more only when the client has taken what it got. Resolves when all of it
 * was handed to the socket or the client is gone; rejects with what the iterable throws. `stop` ends the response
 * early, as if the body had ended; a client that takes nothing for `takeTimeoutMs` is cut off.
 *
 * When the client goes or `stop` aborts, `return` is called at once, even if a `next` is pending: whoever waits for
 * data that may never come must be told.
 */
export async function sendStream(
  body: AsyncIterable<Uint8Array>,
  target: Writable,
  takeTimeoutMs: number,
  stop?: AbortSignal,
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  const state = { over: target.destroyed || stop?.aborted === true };
  /** Ends whatever is waited for. One at a time: a promise raced again and again would remember every race. */
  let wake: (() => void) | undefined;
  let patience: NodeJS.Timeout | undefined;
  function onOver(): void {
    state.over = true;
    wake?.();
  }
  function onDrain(): void {
    wake?.();
  }
  target.on('close', onOver);
  target.on('drain', onDrain);
  stop?.addEventListener('abort', onOver);
  try {
    while (!state.over) {
      const next = await new Promise<IteratorResult<Uint8Array> | undefined>((resolve, reject) => {
        wake = () => state.over && resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined) break;
      if (next.done === true) return void target.end();
      if (state.over || target.write(next.value)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        patience = setTimeout(() => target.destroy(), takeTimeoutMs);
      });
      clearTimeout(patience);
    }
    target.end();
    await iterator.return?.();
  } finally {
    clearTimeout(patience);
    target.off('close', onOver);
    target.off('drain', onDrain);
    stop?.removeEventListener('abort', onOver);
  }
}
