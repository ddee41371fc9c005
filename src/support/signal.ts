/**
 * An auto-reset event for one waiting loop: `wait` resolves at once if the event was set since the last wait, so that
 * no event is missed.
 */
export class Signal {
  #rung = false;
  #waiting: (() => void) | undefined;

  set(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#rung = true;
      return;
    }
    this.#waiting = undefined;
    waiting();
  }

  wait(): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
