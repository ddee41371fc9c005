import type { Lease } from './lease.ts';
import type { MessageLog } from './message-log.ts';
import type { DeliveryOrder, Taken } from './order.ts';

/**
 * The order of a standard queue: the logs take turns, and so do messages that are received for the first time and those
 * that come back, so that neither a long backlog nor messages that always fail keep the others waiting.
 */
export class StandardOrder implements DeliveryOrder {
  readonly #logs: MessageLog[] = [];
  #turn = 0;
  /** A log whose turn it is, and whose next messages must be read first. */
  #unread: MessageLog | undefined;
  readonly #returned = new Set<Lease>();
  #isReturnedTurn = true;

  addLog(log: MessageLog): void {
    this.#logs.push(log);
  }

  take(most: number, freshMost: number, nowMs: number): Taken[] {
    const taken: Taken[] = [];
    let freshLeft = freshMost;
    while (taken.length < most) {
      this.#isReturnedTurn = !this.#isReturnedTurn;
      let next = this.#isReturnedTurn ? this.#takeReturned() : undefined;
      if (next === undefined && freshLeft > 0) {
        next = this.#takeFresh(nowMs);
        if (next !== undefined) freshLeft--;
        else if (this.#unread !== undefined) {
          // The turn stays with the log: what is in memory must not keep waiting what is not.
          this.#isReturnedTurn = true;
          break;
        }
      }
      next ??= this.#takeReturned();
      if (next === undefined) break;
      taken.push(next);
    }
    return taken;
  }

  load(): Promise<void> | undefined {
    const log = this.#unread ?? this.#logs.find((one) => one.peek() === undefined && one.hasMore);
    this.#unread = undefined;
    return log?.load();
  }

  returned(lease: Lease): void {
    this.#returned.add(lease);
  }

  left(lease: Lease): void {
    this.#returned.delete(lease);
  }

  nextDueMs(afterMs: number): number {
    return Math.min(...this.#logs.map((log) => log.nextDueMs(afterMs)));
  }

  /** What was received has left, and the others are still the log's. */
  trimmed(): void {}

  #takeReturned(): Taken | undefined {
    for (const lease of this.#returned) {
      this.#returned.delete(lease);
      const { log, index } = lease;
      return { log, index, lease, stored: undefined, group: undefined };
    }
    return undefined;
  }

  #takeFresh(nowMs: number): Taken | undefined {
    const { length } = this.#logs;
    for (let turn = 0; turn < length; turn++) {
      const at = (this.#turn + 1) % length;
      const log = this.#logs[at];
      const stored = log?.take(nowMs);
      if (stored === undefined && log?.hasMore === true) {
        this.#unread = log;
        return undefined;
      }
      this.#turn = at;
      if (log !== undefined && stored !== undefined)
        return { log, index: stored.index, stored, lease: undefined, group: undefined };
    }
    return undefined;
  }
}
