/** A bell for one loop: `next` resolves at once when it was rung since the last time, so that no ring is missed. */
export class Wake {
  #rung = false;
  #waiting: (() => void) | undefined;

  ring(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#rung = true;
      return;
    }
    this.#waiting = undefined;
    waiting();
  }

  next(): Promise<void> {
    if (this.#rung) {
      this.#rung = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
