/**
 * One owner at a time for each name (a consumer's shard): who comes later waits until the earlier one has let go.
 * Within this process; several servers over one store would keep them in the catalog, with a term.
 */
export class Leases {
  readonly #held = new Map<string, Promise<void>>();

  /** Resolves with the function that lets go, or undefined when the signal aborted before it was this one's turn. */
  async acquire(name: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    for (;;) {
      if (signal.aborted) return undefined;
      const held = this.#held.get(name);
      if (held === undefined) break;
      await settledOrAborted(held, signal);
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held.set(name, promise);
    return () => {
      this.#held.delete(name);
      resolve();
    };
  }
}

async function settledOrAborted(held: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = (): void => resolve();
  signal.addEventListener('abort', abort, { once: true });
  await Promise.race([held, aborted]);
  signal.removeEventListener('abort', abort);
}
