/** A bell for one loop: `next` resolves at once when it was rung since the last time, so that no ring is missed. */
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
