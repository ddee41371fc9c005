import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { Clock } from '../../support/clock.ts';
import { rowOf, type Lease, type LeaseRow, type Receive, type ReceiveRow } from './lease.ts';
import type { MessageLog } from './message-log.ts';
import type { DeliveryOrder, Taken } from './order.ts';
import { VisibilityTimeouts } from './visibility.ts';

const NUMBER_DIGITS = 16;
/** So many receives a millisecond, over the life of a process, leave their numbers unique after the next start. */
const NUMBERS_PER_MS = 100;

export interface LeaseBookOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Of the queue; the prefix of the keys of its rows. */
  readonly queue: string;
  readonly order: DeliveryOrder;
}

/**
 * The messages of a queue that were received and not deleted. In memory, because there are at most 120,000; the rows keep
 * what must outlive the process (docs/decisions/queues.md).
 */
export class LeaseBook {
  readonly #options: LeaseBookOptions;
  readonly #rows: Table<ReceiveRow>;
  readonly #leases = new Map<MessageLog, Map<number, Lease>>();
  readonly #timeouts = new VisibilityTimeouts();
  /** Receives whose row is not as it should be. */
  readonly #dirty = new Set<Receive>();
  readonly #attempts = new Map<string, Receive>();
  #next: number;
  #size = 0;
  #waiting = 0;

  constructor(options: LeaseBookOptions) {
    this.#options = options;
    this.#rows = options.catalog.table('queue.receives');
    this.#next = options.clock.now() * NUMBERS_PER_MS;
  }

  get size(): number {
    return this.#size;
  }

  find(log: MessageLog, index: number): Lease | undefined {
    return this.#leases.get(log)?.get(index);
  }

  /** Those of messages before this one. */
  before(log: MessageLog, before: number): Lease[] {
    return [...this.#of(log).values()].filter(({ index }) => index < before);
  }

  get inFlight(): number {
    return this.#size - this.#waiting;
  }

  get hasDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** When the next message becomes visible again. */
  get nextVisibleMs(): number {
    return this.#timeouts.nextMs;
  }

  /** Loads what an earlier process stored. `isThere` excludes messages that have left since. */
  restore(
    logOf: (id: number) => MessageLog | undefined,
    groupOf: (id: string) => Lease['group'],
    isThere: (log: MessageLog, index: number) => boolean,
  ): void {
    const nowMs = this.#options.clock.now();
    const rows = [...this.#rows.entries(`${this.#options.queue}/`)];
    const counts = newestCounts(rows.map(([, row]) => row));
    for (const [key, row] of rows) {
      const number = Number(key.slice(-NUMBER_DIGITS));
      this.#next = Math.max(this.#next, number + 1);
      const { receivedMs, attemptId, messages } = row;
      const receive: Receive = { number, receivedMs, attemptId, leases: new Set(), isStored: true };
      for (const message of messages) {
        const log = logOf(message[0]);
        const index = message[1];
        const isNewest = counts.get(placeOf(message)) === message[3];
        const isKnown = log !== undefined && this.find(log, index) !== undefined;
        if (log === undefined || isKnown || !isNewest || !isThere(log, index)) continue;
        this.#restoreLease(receive, log, message, { nowMs, groupOf });
      }
      if (receive.leases.size === 0) this.#dirty.add(receive);
      else if (attemptId !== undefined) this.#attempts.set(attemptId, receive);
    }
  }

  newReceive(attemptId: string | undefined): Receive {
    const receivedMs = this.#options.clock.now();
    const receive = {
      number: this.#next++,
      leases: new Set<Lease>(),
      isStored: false,
      attemptId,
      receivedMs,
    };
    if (attemptId !== undefined) this.#attempts.set(attemptId, receive);
    return receive;
  }

  /** The receive with this attempt id, while all of its messages are still in flight because of it. */
  attempt(attemptId: string, earliestMs: number): Receive | undefined {
    const receive = this.#attempts.get(attemptId);
    if (receive === undefined) return undefined;
    const isWhole = [...receive.leases].every((lease) => lease.state === 'in flight');
    if (receive.leases.size > 0 && isWhole && receive.receivedMs > earliestMs) return receive;
    this.#attempts.delete(attemptId);
    return undefined;
  }

  /** Leases a message that was taken, until `begin` without an end. */
  lease(receive: Receive, { log, index, lease: known, group, stored }: Taken): Lease {
    if (known !== undefined) this.#waiting--;
    else this.#size++;
    const lease: Lease = known ?? {
      log,
      index,
      bytes: stored?.payload.length ?? 0,
      receive,
      count: 0,
      firstReceivedMs: receive.receivedMs,
      visibleAtMs: 0,
      timeoutMs: undefined,
      state: 'in flight',
      group,
    };
    this.#of(log).set(index, lease);
    if (known !== undefined) {
      this.#leaveReceive(lease);
      // The row that names it now must not be rewritten without it before this one has it.
      this.#dirty.add(receive);
    }
    lease.receive = receive;
    lease.count++;
    receive.leases.add(lease);
    lease.state = 'in flight';
    return lease;
  }

  /** Begins the visibility timeouts of a receive that has all of its messages: with 0 it could get one twice. */
  begin(receive: Receive, visibilityMs: number): void {
    // At one moment for all of them, so that a group's messages that were received together return together.
    const nowMs = this.#options.clock.now();
    for (const lease of receive.leases)
      if (lease.state === 'in flight') this.#begin(lease, nowMs, visibilityMs);
    // There is nothing that could be received again.
    if (receive.leases.size === 0 && receive.attemptId !== undefined)
      this.#attempts.delete(receive.attemptId);
  }

  /** Takes back a receive that failed. */
  undo(receive: Receive): void {
    for (const lease of receive.leases) {
      if (lease.state !== 'in flight') continue;
      lease.count--;
      this.#wait(lease);
    }
  }

  /** A message becomes visible after this time, whatever its state. */
  change(lease: Lease, visibilityMs: number): void {
    if (lease.state === 'waiting') {
      this.#options.order.left(lease);
      this.#waiting--;
    }
    this.#begin(lease, this.#options.clock.now(), visibilityMs);
    if (lease.receive.isStored) this.#dirty.add(lease.receive);
  }

  /** Makes visible what has reached the end of its timeout; returns how many messages that are. */
  endTimeouts(nowMs: number): number {
    const ended = this.#timeouts.takeEnded(nowMs);
    for (const lease of ended) this.#wait(lease);
    return ended.length;
  }

  /** Until `leave` or `giveBack`, the message is neither visible nor can it become so. */
  beginLeaving(lease: Lease): void {
    this.#timeouts.remove(lease);
    if (lease.state === 'waiting') {
      this.#options.order.left(lease);
      this.#waiting--;
    }
    lease.state = 'leaving';
  }

  /** Like `beginLeaving`, for a message that the order has handed out. */
  beginLeavingTaken(lease: Lease): void {
    this.#waiting--;
    lease.state = 'leaving';
  }

  /** Nothing when it has left meanwhile: of two deletions one may fail. */
  giveBack(lease: Lease): void {
    if (this.find(lease.log, lease.index) === lease) this.#wait(lease);
  }

  /** The message has left the queue. */
  leave(lease: Lease): void {
    if (this.find(lease.log, lease.index) !== lease) return;
    this.#timeouts.remove(lease);
    if (lease.state === 'waiting') this.#waiting--;
    this.#size--;
    this.#leases.get(lease.log)?.delete(lease.index);
    this.#options.order.left(lease);
    this.#leaveReceive(lease);
  }

  /** Messages have left in a commit that called `removeRows`. */
  leaveDurably(leases: readonly Lease[]): void {
    for (const lease of leases) {
      if (!hasStaying(lease.receive)) lease.receive.isStored = false;
      this.leave(lease);
    }
  }

  /** Part of the commit with which messages leave: removes the rows of receives of which nothing remains. */
  removeRows(transaction: Transaction, leaving: readonly Lease[]): void {
    for (const { receive, group } of leaving) {
      if (!receive.isStored || hasStaying(receive)) continue;
      transaction.delete(this.#rows, this.#keyOf(receive));
      // The row may have been the only one that names a message of a group, which was received again meanwhile.
      if (group !== undefined) for (const other of this.#dirty) this.#putRow(transaction, other);
    }
  }

  /** Writes the rows of these receives, and of those that have changed since their rows were written. */
  async store(receives: readonly Receive[]): Promise<void> {
    let changed: ReadonlySet<Receive> = new Set(receives);
    try {
      await this.#options.catalog.commit((transaction) => {
        // Only now: a message may have been received again meanwhile, and one of the two receives must have its row.
        changed = new Set([...this.#dirty, ...receives]);
        this.#dirty.clear();
        for (const receive of changed) this.#putRow(transaction, receive);
      });
      for (const receive of changed) receive.isStored = true;
    } catch (error) {
      for (const receive of changed) this.#dirty.add(receive);
      throw error;
    }
  }

  async storeDirty(): Promise<void> {
    if (this.hasDirty) await this.store([]);
  }

  /** All receives that have messages. */
  receives(): Receive[] {
    const receives = new Set<Receive>();
    for (const leases of this.#leases.values())
      for (const { receive } of leases.values()) receives.add(receive);
    return [...receives];
  }

  removeAllRows(transaction: Transaction): void {
    for (const [key] of this.#rows.entries(`${this.#options.queue}/`)) transaction.delete(this.#rows, key);
  }

  #restoreLease(
    receive: Receive,
    log: MessageLog,
    [, index, bytes, count, firstReceivedMs, visibleAtMs, groupId]: LeaseRow,
    { nowMs, groupOf }: { readonly nowMs: number; readonly groupOf: (id: string) => Lease['group'] },
  ): void {
    const group = groupId === null ? undefined : groupOf(groupId);
    const lease: Lease = {
      log,
      index,
      bytes,
      receive,
      count,
      firstReceivedMs,
      visibleAtMs,
      timeoutMs: undefined,
      group,
      state: 'in flight',
    };
    receive.leases.add(lease);
    this.#of(log).set(index, lease);
    group?.inFlight.add(index);
    this.#size++;
    if (visibleAtMs > nowMs) this.#begin(lease, nowMs, visibleAtMs - nowMs);
    else this.#wait(lease);
  }

  #putRow(transaction: Transaction, receive: Receive): void {
    if (receive.leases.size > 0) transaction.put(this.#rows, this.#keyOf(receive), rowOf(receive));
    else transaction.delete(this.#rows, this.#keyOf(receive));
  }

  #of(log: MessageLog): Map<number, Lease> {
    let leases = this.#leases.get(log);
    if (leases === undefined) this.#leases.set(log, (leases = new Map()));
    return leases;
  }

  #begin(lease: Lease, nowMs: number, visibilityMs: number): void {
    lease.state = 'in flight';
    lease.visibleAtMs = nowMs + visibilityMs;
    this.#timeouts.add(lease, visibilityMs);
  }

  #wait(lease: Lease): void {
    this.#timeouts.remove(lease);
    lease.state = 'waiting';
    this.#waiting++;
    this.#options.order.returned(lease);
    // A receive that did not end with a deletion is worth a row: its count leads to the dead-letter queue.
    this.#dirty.add(lease.receive);
  }

  #leaveReceive(lease: Lease): void {
    const { receive } = lease;
    receive.leases.delete(lease);
    if (receive.leases.size > 0) return;
    if (receive.isStored) this.#dirty.add(receive);
    if (receive.attemptId !== undefined) this.#attempts.delete(receive.attemptId);
  }

  #keyOf({ number }: Receive): string {
    return `${this.#options.queue}/${number.toString().padStart(NUMBER_DIGITS, '0')}`;
  }
}

function hasStaying({ leases }: Receive): boolean {
  for (const { state } of leases) if (state !== 'leaving') return true;
  return false;
}

/** An older row may still name a message that was received again since; the highest count is the newest receive. */
function newestCounts(rows: readonly ReceiveRow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const message of rows.flatMap(({ messages }) => messages)) {
    const place = placeOf(message);
    counts.set(place, Math.max(counts.get(place) ?? 0, message[3]));
  }
  return counts;
}

function placeOf([log, index]: LeaseRow): string {
  return `${log}/${index}`;
}
