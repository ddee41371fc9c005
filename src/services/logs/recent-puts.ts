import { logsLimits } from './limits.ts';
import type { LogEvent } from './log-events.ts';

/** The calls of PutLogEvents that a log group has stored, as far as clients may still repeat them. */
export class RecentPuts {
  /** When they were stored, the oldest first. */
  readonly #storedMs = new Map<string, number>();

  /** Whether it is the repeat of a call that was stored. */
  has(key: string, nowMs: number): boolean {
    const storedMs = this.#storedMs.get(key);
    return storedMs !== undefined && nowMs - storedMs < logsLimits.putRepeatMs;
  }

  /** Remembers the call that an event is the last of, if it is. */
  note({ putKey, ingestedMs }: LogEvent): void {
    if (putKey === undefined || ingestedMs === undefined) return;
    this.#storedMs.set(putKey, ingestedMs);
    for (const [key, storedMs] of this.#storedMs) {
      const isOld = ingestedMs - storedMs >= logsLimits.putRepeatMs;
      if (!isOld && this.#storedMs.size <= logsLimits.putsRememberedMax) return;
      this.#storedMs.delete(key);
    }
  }

  clear(): void {
    this.#storedMs.clear();
  }
}
