/**
 * Does what takes long one at a time, each in a turn of the event loop of its own: between two of them all else that
 * has become ready gets its turn, the disk's answers before all. In the order in which they came.
 */
export class YieldingQueue {
  readonly #waiting: (() => void)[] = [];

  push(task: () => void): void {
    if (this.#waiting.push(task) === 1) setImmediate(this.#next);
  }

  readonly #next = (): void => {
    const task = this.#waiting[0];
    try {
      task?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) setImmediate(this.#next);
    }
  };
}
