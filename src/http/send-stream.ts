import type { Writable } from 'node:stream';
import { limits } from '../limits.ts';
import type { ResponseReservation } from './response-memory-budget.ts';

/**
 * Sends what `body` yields, asking for more only when the client has taken what it got. Resolves when all of it
 * was handed to the socket or the client is gone; rejects with what the iterable throws. `stop` ends the response
 * early, as if the body had ended. What waits for the client counts in `memory`, by which it is cut off when it takes nothing.
 *
 * When the client goes or `stop` aborts, `return` is called at once, even if a `next` is pending: whoever waits for
 * data that may never come must be told.
 */
export async function sendStream(
  body: AsyncIterable<Uint8Array>,
  target: Writable,
  memory: ResponseReservation,
  stop?: AbortSignal,
  cut: () => void = () => target.destroy(),
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  const state = { over: target.destroyed || stop?.aborted === true };
  /** Ends whatever is waited for. One at a time: a promise raced again and again would remember every race. */
  let wake: (() => void) | undefined;
  let goOn: (() => void) | undefined;
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
        memory.raise(target.writableLength);
        goOn = memory.stall(cut);
      });
      goOn?.();
    }
    target.end();
    await iterator.return?.();
  } finally {
    goOn?.();
    target.off('close', onOver);
    target.off('drain', onDrain);
    stop?.removeEventListener('abort', onOver);
  }
}

/** Bytes in pieces: as each is taken, its client shows that it is there. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < bytes.length; start += limits.responsePieceBytes) {
    yield bytes.subarray(start, start + limits.responsePieceBytes);
  }
}
