/**
 * Shared and exclusive locks by name, granted in the order of the requests: an exclusive holder waits for all earlier
 * ones, and all later ones wait for it. Unused names take no memory.
 */
export class KeyedLock {
  readonly #queues = new Map<string, Queue>();

  /** Runs `work` while no other work with this name runs. */
  exclusive<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    return this.#run(name, true, work);
  }

  /** Runs `work` while no exclusive work with this name runs. */
  shared<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    return this.#run(name, false, work);
  }

  /**
   * Takes the name exclusively until the returned function is called, once; undefined if the signal aborts first.
   */
  async acquire(name: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    const queue = this.#queue(name);
    if (mayEnter(queue, true)) enter(queue, true);
    else if (!(await this.#wait(name, queue, signal))) return undefined;
    return () => this.#leave(name, queue);
  }

  async #run<Result>(name: string, exclusive: boolean, work: () => Promise<Result>): Promise<Result> {
    const queue = this.#queue(name);
    if (queue.waiting.length === 0 && mayEnter(queue, exclusive)) enter(queue, exclusive);
    else await new Promise<void>((resolve) => queue.waiting.push({ exclusive, admit: resolve }));
    try {
      return await work();
    } finally {
      this.#leave(name, queue);
    }
  }

  #queue(name: string): Queue {
    const queue = this.#queues.get(name) ?? { holders: 0, exclusive: false, waiting: [] };
    this.#queues.set(name, queue);
    return queue;
  }

  /** Waits for exclusive entry. Resolves with false, having left the queue, if the signal aborts first. */
  #wait(name: string, queue: Queue, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = {
      exclusive: true,
      admit: (): void => {
        signal.removeEventListener('abort', abort);
        resolve(true);
      },
    };
    const abort = (): void => {
      queue.waiting.splice(queue.waiting.indexOf(waiting), 1);
      // Shared holders that waited behind this one may be next.
      this.#admit(name, queue);
      resolve(false);
    };
    signal.addEventListener('abort', abort, { once: true });
    queue.waiting.push(waiting);
    return promise;
  }

  #leave(name: string, queue: Queue): void {
    queue.holders--;
    if (queue.holders === 0) queue.exclusive = false;
    this.#admit(name, queue);
  }

  #admit(name: string, queue: Queue): void {
    for (let next = queue.waiting[0]; next !== undefined && mayEnter(queue, next.exclusive);) {
      queue.waiting.shift();
      enter(queue, next.exclusive);
      next.admit();
      next = queue.waiting[0];
    }
    if (queue.holders === 0) this.#queues.delete(name);
  }
}

interface Queue {
  holders: number;
  exclusive: boolean;
  readonly waiting: { readonly exclusive: boolean; readonly admit: () => void }[];
}

function mayEnter(queue: Queue, exclusive: boolean): boolean {
  return queue.holders === 0 || (!exclusive && !queue.exclusive);
}

function enter(queue: Queue, exclusive: boolean): void {
  queue.holders++;
  queue.exclusive = exclusive;
}
