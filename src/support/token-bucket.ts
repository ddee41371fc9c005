/**
 * Allows a rate per second with bursts of at most one second's worth. All numbers are integers: a token has a thousand
 * parts, and each millisecond adds one part per token of the rate. The time is an argument; when it goes backwards,
 * nothing is added.
 */
export class TokenBucket {
  readonly #perSecond: number;
  #parts: number;
  #atMs: number;

  /** The bucket starts full. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#parts = perSecond * 1000;
    this.#atMs = nowMs;
  }

  /** Whether `take` would succeed. A full bucket also grants more than its size, and goes into debt. */
  has(amount: number, nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#parts >= Math.min(amount, this.#perSecond) * 1000;
  }

  take(amount: number, nowMs: number): boolean {
    const has = this.has(amount, nowMs);
    if (has) this.#parts -= amount * 1000;
    return has;
  }

  /** Whether there is no debt. */
  isOpen(nowMs: number): boolean {
    return this.waitMs(nowMs) === 0;
  }

  /**
   * Charges an amount that is known only afterwards. It may create a debt: reading 10 MB at 2 MB per second closes
   * the bucket for 5 seconds, as AWS documents.
   */
  charge(amount: number, nowMs: number): void {
    this.#fill(nowMs);
    const parts = amount * 1000;
    this.#parts = parts <= this.#parts ? this.#parts - parts : Math.min(this.#parts, 0) - parts;
  }

  /** The time until the debt is paid. */
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
