/** Milliseconds of two clocks: the monotonic one stands still while a machine sleeps, the other one may be set. */
export interface Times {
  readonly wallMs: () => number;
  readonly monotonicMs: () => number;
}

/**
 * How long ago the store said that what this process has is current. Another machine takes over when it has seen no
 * frame for a while, so an owner whose last acknowledged frame was sent more recently than that is still the owner. One
 * that was suspended, or cut off from the store, cannot know: until its next frame is acknowledged, what it has may be
 * old.
 */
export class Freshness {
  readonly #times: Times;
  #wallMs = -Infinity;
  #monotonicMs = -Infinity;

  constructor(times: Times) {
    this.#times = times;
  }

  /** Since the newest frame or question that was answered was sent; infinite before the first. */
  get agedMs(): number {
    const { wallMs, monotonicMs } = this.#times;
    return Math.max(wallMs() - this.#wallMs, monotonicMs() - this.#monotonicMs);
  }

  /** A frame or a question is about to be sent: the returned function is called when it is answered. */
  sent(): () => void {
    const wallMs = this.#times.wallMs();
    const monotonicMs = this.#times.monotonicMs();
    return () => {
      this.#wallMs = Math.max(this.#wallMs, wallMs);
      this.#monotonicMs = Math.max(this.#monotonicMs, monotonicMs);
    };
  }
}
