import type { Writable } from 'node:stream';

/**
 * Sends what `body` yields, asking for more only when the client has taken what it got. Resolves when all of it
 * was handed to the socket or the client is gone; rejects with what the iterable throws.
 *
 * When the client goes (or `target` is ended from outside), `return` is called at once, even if a `next` is
 * pending: whoever waits for data that may never come must be told.
 */
export async function sendStream(body: AsyncIterable<Uint8Array>, target: Writable): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  let gone = target.destroyed || target.writableEnded;
  let wake: (() => void) | undefined;
  function onGone(): void {
    if (gone) return;
    gone = true;
    wake?.();
  }
  function onDrain(): void {
    wake?.();
  }
  target.on('close', onGone);
  target.on('prefinish', onGone);
  target.on('drain', onDrain);
  const clientGone = new Promise<'gone'>((resolve) => {
    target.once('close', () => resolve('gone'));
    target.once('prefinish', () => resolve('gone'));
  });
  try {
    for (;;) {
      if (gone) return await stop(iterator);
      const next = await Promise.race([iterator.next(), clientGone]);
      if (next === 'gone') return await stop(iterator);
      if (next.done === true) return void target.end();
      if (!target.write(next.value) && !gone) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    }
  } finally {
    target.off('close', onGone);
    target.off('prefinish', onGone);
    target.off('drain', onDrain);
  }
}

async function stop(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  await iterator.return?.();
}
