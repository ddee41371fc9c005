import type { Clock } from '../../support/clock.ts';
import { sharedLimits } from './limits.ts';

/** Ticks per wait: how exact it is. */
const TICKS = 20;
/** After a hand-over the wait is short. */
const TICK_MS_MAX = 100;

/**
 * How long a standby has waited for the owner. It counts its own ticks instead of comparing times: a standby that was
 * paused itself, or whose clock jumped, has not waited.
 */
export class Patience {
  readonly tickMs: number;
  readonly heartbeatEveryMs: number;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #takeOverAfterMs: number;
  #quietMs = 0;
  #limitMs: number;
  /** After which others would have taken over. */
  #longMs = 0;
  #watchAgain: () => void = () => undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly random: () => number;
    readonly takeOverAfterMs: number;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#takeOverAfterMs = options.takeOverAfterMs;
    this.tickMs = Math.min(TICK_MS_MAX, Math.ceil(options.takeOverAfterMs / TICKS));
    this.heartbeatEveryMs = Math.min(sharedLimits.heartbeatEveryMs, options.takeOverAfterMs / 3);
    this.#limitMs = this.#usual();
  }

  get quietMs(): number {
    return this.#quietMs;
  }

  /** The owner lives, or another attempt may be made only later. */
  hear(): void {
    this.#quietMs = 0;
    this.#limitMs = this.#usual();
    this.#longMs = this.#takeOverAfterMs * sharedLimits.standBackFactor;
  }

  /** The owner has left. */
  shorten(): void {
    this.#longMs = sharedLimits.handOverStandBackMs;
    this.#limitMs = this.#random() * sharedLimits.handOverSpreadMs;
    // The present tick was for a longer wait.
    this.#watchAgain();
  }

  /** There is no owner. */
  end(): void {
    this.#limitMs = 0;
  }

  /** Others go first. */
  standBack(): void {
    this.#quietMs = 0;
    this.#limitMs = this.#takeOverAfterMs * sharedLimits.standBackFactor;
  }

  /** Others would have gone first. */
  get isLong(): boolean {
    return this.#quietMs >= this.#longMs;
  }

  isLonger(ms: number): boolean {
    return ms > this.#takeOverAfterMs / 2;
  }

  /** Calls back at each tick at which the wait is over; the returned function ends that. */
  watch(onOver: () => void): () => void {
    let cancel: () => void;
    const tick = (): void => {
      const ms = Math.min(this.tickMs, Math.max(1, this.#limitMs - this.#quietMs));
      cancel = this.#clock.schedule(ms, () => {
        this.#quietMs += ms;
        if (this.#quietMs >= this.#limitMs) onOver();
        tick();
      });
    };
    tick();
    this.#watchAgain = () => {
      cancel();
      tick();
    };
    return () => {
      this.#watchAgain = () => undefined;
      cancel();
    };
  }

  #usual(): number {
    return this.#takeOverAfterMs * (1 + this.#random() * sharedLimits.takeOverSpread);
  }
}
