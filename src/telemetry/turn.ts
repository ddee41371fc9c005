import { setTimeout as sleep } from 'node:timers/promises';
import { telemetryLimits } from './limits.ts';

/** How long this work has had the event loop: long lists are written while requests are answered. */
export class Turn {
  #beganMs = performance.now();
  #steps = 0;

  /** Looks at the clock every few steps. */
  isOver(): boolean {
    if (++this.#steps % 16 !== 0) return false;
    return performance.now() - this.#beganMs >= telemetryLimits.turnMsMax;
  }

  async next(): Promise<void> {
    await sleep(telemetryLimits.pauseMs);
    this.#beganMs = performance.now();
  }
}
