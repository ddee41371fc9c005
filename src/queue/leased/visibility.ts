import type { Lease } from './lease.ts';

/**
 * Messages in flight by the end of their visibility timeout. Most have one of few timeouts, and those with the same one
 * end in the order in which they began, so that no sorting is needed.
 */
export class VisibilityTimeouts {
  readonly #byTimeout = new Map<number, Set<Lease>>();
  /** None ends before this time: with many different timeouts, most calls then look at none of them. */
  #earliestMs = Infinity;
  #lookedMs = -Infinity;

  add(lease: Lease, timeoutMs: number): void {
    this.remove(lease);
    let leases = this.#byTimeout.get(timeoutMs);
    if (leases === undefined) this.#byTimeout.set(timeoutMs, (leases = new Set()));
    leases.add(lease);
    lease.timeoutMs = timeoutMs;
    this.#earliestMs = Math.min(this.#earliestMs, lease.visibleAtMs);
  }

  remove(lease: Lease): void {
    const { timeoutMs } = lease;
    if (timeoutMs === undefined) return;
    lease.timeoutMs = undefined;
    const leases = this.#byTimeout.get(timeoutMs);
    leases?.delete(lease);
    if (leases?.size === 0) this.#byTimeout.delete(timeoutMs);
  }

  /** Removes and returns those that have ended. */
  takeEnded(nowMs: number): readonly Lease[] {
    const isSetBack = nowMs < this.#lookedMs;
    this.#lookedMs = nowMs;
    if (nowMs < this.#earliestMs && !isSetBack) return NONE;
    const ended: Lease[] = [];
    this.#earliestMs = Infinity;
    for (const [timeoutMs, leases] of this.#byTimeout) {
      if (isSetBack) beginAgain(leases, nowMs + timeoutMs);
      for (const lease of leases) {
        if (lease.visibleAtMs > nowMs) {
          this.#earliestMs = Math.min(this.#earliestMs, lease.visibleAtMs);
          break;
        }
        ended.push(lease);
      }
    }
    for (const lease of ended) this.remove(lease);
    return ended;
  }

  /** When the next one ends; Infinity without any. */
  get nextMs(): number {
    let nextMs = Infinity;
    for (const leases of this.#byTimeout.values()) {
      for (const { visibleAtMs } of leases) {
        nextMs = Math.min(nextMs, visibleAtMs);
        break;
      }
    }
    return nextMs;
  }
}

const NONE: readonly Lease[] = [];

/** No timeout ends later than it would if it began now, unless the clock was set back: then it begins now. */
function beginAgain(leases: Iterable<Lease>, latestMs: number): void {
  for (const lease of leases) {
    if (lease.visibleAtMs <= latestMs) return;
    lease.visibleAtMs = latestMs;
  }
}
