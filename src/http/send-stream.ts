import type { Writable } from 'node:stream';
import { httpLimits } from './limits.ts';
import { releaseBuffer } from '../support/buffer-pool.ts';
import type { ResponseReservation } from './response-memory-budget.ts';

export interface SendStreamOptions {
  /** Ends the response early, as if the body had ended. */
  readonly stop?: AbortSignal | undefined;
  /** See HttpResponse. */
  readonly broken?: AbortSignal | undefined;
  /** Cuts off a client that does not read. */
  readonly cut?: () => void;
  /** Each chunk's memory is released when it was sent. */
  readonly disposable?: boolean;
}

/**
 * Sends what `body` yields, and requests the next chunk only when the client has read the last one. Resolves when
 * everything was written to the socket or the client has left; rejects with what the iterable throws. Data that waits
 * for the client counts in `memory`, which cuts off clients that do not read.
 *
 * When the client leaves or `stop` aborts, `return` is called at once, even if a `next` is pending: a producer that
 * waits for new data may otherwise wait forever.
 */
export async function sendStream(
  body: AsyncIterable<Uint8Array>,
  target: Writable,
  memory: ResponseReservation,
  { stop, broken, cut = () => target.destroy(), disposable = false }: SendStreamOptions = {},
): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  const state = { over: target.destroyed || stop?.aborted === true };
  /**
   * Ends the current wait. There is one wait at a time, because a promise that is raced repeatedly keeps every race
   * in memory.
   */
  let wake: (() => void) | undefined;
  let goOn: (() => void) | undefined;
  let isBroken = broken?.aborted === true;
  function onOver(): void {
    state.over = true;
    wake?.();
  }
  function onDrain(): void {
    wake?.();
  }
  function onBroken(): void {
    isBroken = true;
    wake?.();
  }
  function write(chunk: Uint8Array): boolean {
    if (!disposable) return target.write(chunk);
    return target.write(chunk, (error) => {
      // After a broken connection the socket may still refer to the memory.
      if (error === undefined || error === null) releaseBuffer(chunk);
    });
  }
  target.on('close', onOver);
  target.on('drain', onDrain);
  stop?.addEventListener('abort', onOver);
  broken?.addEventListener('abort', onBroken);
  try {
    while (!state.over) {
      const next = await new Promise<IteratorResult<Uint8Array> | undefined>((resolve, reject) => {
        wake = () => state.over && resolve(undefined);
        iterator.next().then(resolve, reject);
      });
      if (next === undefined) break;
      if (next.done === true) return void target.end();
      if (state.over || write(next.value) || isBroken) continue;
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
    broken?.removeEventListener('abort', onBroken);
  }
}

/** Splits the bytes, so that a client that reads slowly still shows progress with each piece. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < bytes.length; start += httpLimits.responsePieceBytes) {
    yield bytes.subarray(start, start + httpLimits.responsePieceBytes);
  }
}
