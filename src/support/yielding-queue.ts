/**
 * Runs long tasks one at a time, in order, each in its own turn of the event loop. Between two tasks all other ready
 * events are handled, in particular completed disk operations.
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
