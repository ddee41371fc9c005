/**
 * Grants each name (a consumer's shard) to one owner at a time; the next owner waits until the current one has
 * released it. Within this process only: several servers over one store would need leases with a term in the catalog.
 */
export class Leases {
  readonly #held = new Map<string, Promise<void>>();

  /** Resolves with the function that releases the name, or with undefined if the signal aborted first. */
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
