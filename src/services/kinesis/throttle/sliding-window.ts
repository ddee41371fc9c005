/** Allows a number of events in any window of `windowMs`. */
export class SlidingWindow {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #times: number[] = [];

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  hasRoom(nowMs: number): boolean {
    while ((this.#times[0] ?? Infinity) <= nowMs - this.#windowMs) this.#times.shift();
    return this.#times.length < this.#most;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }
}
