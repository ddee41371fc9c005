/**
 * So much a second, and at most one second's worth at once. Whole numbers throughout: a token is a thousand parts,
 * one of which comes in with each millisecond for each token of the rate. The time is given with each call; when it
 * falls, nothing comes in.
 */
export class TokenBucket {
  readonly #perSecond: number;
  #parts: number;
  #atMs: number;

  /** Full at first. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#parts = perSecond * 1000;
    this.#atMs = nowMs;
  }

  /** Whether `take` would succeed. What is more than a full bucket is given by a full one, and leaves a debt. */
  has(amount: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#parts >= Math.min(amount, this.#perSecond) * 1000;
  }

  take(amount: number, nowMs: number): boolean {
    const has = this.has(amount, nowMs);
    if (has) this.#parts -= amount * 1000;
    return has;
  }

  /** Whether nothing is owed. */
  isOpen(nowMs: number): boolean {
    return this.waitMs(nowMs) === 0;
  }

  /**
   * Charges what is known only when it has been done. More than was there is owed whole, so that reading 10 MB at
   * 2 MB a second closes the bucket for 5 seconds, as AWS says.
   */
  charge(amount: number, nowMs: number): void {
    this.#fill(nowMs);
    const parts = amount * 1000;
    this.#parts = parts <= this.#parts ? this.#parts - parts : Math.min(this.#parts, 0) - parts;
  }

  /** Until nothing is owed. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#parts >= 0 ? 0 : Math.ceil(-this.#parts / this.#perSecond);
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    if (elapsedMs > 0) {
      this.#parts = Math.min(this.#perSecond * 1000, this.#parts + elapsedMs * this.#perSecond);
    }
  }
}
