import { queueLimits } from '../limits.ts';
import { Group } from './group.ts';
import type { Lease } from './lease.ts';
import type { MessageLog, StoredMessage } from './message-log.ts';
import type { DeliveryOrder, Taken } from './order.ts';

/**
 * The order of a FIFO queue: messages of a group in the order in which they were sent, none while an earlier one of its
 * group is in flight. As on AWS a receive takes as many messages of a group as it can before it goes on with the next
 * one, and groups that may be received are looked for among the first 120,000 messages.
 */
export class GroupOrder implements DeliveryOrder {
  readonly #groupOf: (message: StoredMessage) => string;
  readonly #groups = new Map<string, Group<Lease>>();
  /** Groups whose first message may be received, the one that has waited longest first. */
  readonly #available = new Set<Group<Lease>>();
  #log: MessageLog | undefined;
  #waiting = 0;
  /** Of the messages that are in memory. */
  #bytes = 0;

  constructor(groupOf: (message: StoredMessage) => string) {
    this.#groupOf = groupOf;
  }

  /** A FIFO queue has one log, because the order of its messages is that of the log. */
  addLog(log: MessageLog): void {
    this.#log = log;
  }

  take(most: number, freshMost: number, nowMs: number): Taken[] {
    const taken: Taken[] = [];
    const log = this.#log;
    if (log === undefined) return taken;
    this.#admit(log, nowMs);
    let freshLeft = freshMost;
    for (const group of this.#available) {
      if (taken.length >= most) break;
      const from = taken.length;
      for (let next = group.first; next !== undefined && taken.length < most; next = group.first) {
        const { index, stored, lease } = next;
        if (!group.isAvailable || (lease === undefined && freshLeft-- <= 0)) break;
        this.#takeFirst(group);
        taken.push({ log, index, stored, lease, group });
      }
      for (const { index } of taken.slice(from)) group.inFlight.add(index);
      this.#update(group);
    }
    return taken;
  }

  load(nowMs: number): Promise<void> | undefined {
    const log = this.#log;
    if (log === undefined || this.#available.size > 0) return undefined;
    this.#admit(log, nowMs);
    if (this.#available.size > 0) return Promise.resolve();
    if (!log.hasMore || this.#waiting >= queueLimits.groupWindowMessages) return undefined;
    return log.load();
  }

  returned(lease: Lease): void {
    const { group, index } = lease;
    if (group === undefined) return;
    group.giveBack({ index, stored: undefined, lease });
    this.#waiting++;
    this.#update(group);
  }

  left(lease: Lease): void {
    const { group } = lease;
    if (group === undefined) return;
    if (group.remove(lease)) this.#waiting--;
    this.#update(group);
  }

  nextDueMs(afterMs: number): number {
    return this.#log?.nextDueMs(afterMs) ?? Infinity;
  }

  trimmed(_log: MessageLog, before: number): void {
    for (const group of this.#groups.values()) {
      for (let { first } = group; first !== undefined && first.index < before; { first } = group) {
        this.#takeFirst(group);
      }
      this.#update(group);
    }
  }

  group(id: string): Group<Lease> {
    let group = this.#groups.get(id);
    if (group === undefined) this.#groups.set(id, (group = new Group(id)));
    return group;
  }

  /** Divides what was read among the groups. */
  #admit(log: MessageLog, nowMs: number): void {
    while (this.#waiting < queueLimits.groupWindowMessages) {
      const stored = log.take(nowMs);
      if (stored === undefined) return;
      const group = this.group(this.#groupOf(stored));
      const isKept = this.#bytes + stored.payload.length <= queueLimits.groupWindowBytes;
      if (isKept) this.#bytes += stored.payload.length;
      group.add({ index: stored.index, stored: isKept ? stored : undefined, lease: undefined });
      this.#waiting++;
      this.#update(group);
    }
  }

  #takeFirst(group: Group<Lease>): void {
    this.#bytes -= group.first?.stored?.payload.length ?? 0;
    this.#waiting--;
    group.takeFirst();
  }

  #update(group: Group<Lease>): void {
    if (group.isAvailable) this.#available.add(group);
    else this.#available.delete(group);
    if (group.isEmpty) this.#groups.delete(group.id);
  }
}
