import type { Transaction } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Log } from '../../support/log.ts';
import { queueLimits } from '../limits.ts';
import { Settlements } from '../settlements.ts';
import type { DeletedMessages } from './deleted-messages.ts';
import type { LeaseBook } from './lease-book.ts';
import type { Lease } from './lease.ts';
import type { MessageLog } from './message-log.ts';
import type { DeliveryOrder } from './order.ts';

/** A message that leaves its queue: deleted, moved or lost. */
export interface Departure {
  readonly log: MessageLog;
  readonly index: number;
  readonly lease: Lease | undefined;
}

/** Messages of a log that a commit has deleted. */
export interface MarkedMessages {
  readonly log: MessageLog;
  readonly marked: readonly number[];
}

export interface DeparturesOptions {
  readonly engine: Engine;
  readonly log: Log;
  /** Of the queue. */
  readonly id: string;
  readonly deleted: DeletedMessages;
  readonly book: LeaseBook;
  readonly order: DeliveryOrder;
  readonly giveBack: (lease: Lease) => void;
  readonly onDeparted: (count: number) => void;
  readonly isClosed: () => boolean;
}

/** How messages leave a queue, and how the space of those that have left is freed. */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #settlements: Settlements<Departure>;
  readonly #underWay = new Map<Lease | undefined, Promise<void>>();

  constructor(options: DeparturesOptions) {
    this.#options = options;
    this.#settlements = new Settlements((takeDepartures) => this.#commitDepartures(takeDepartures));
  }

  /** Deletes a message, together with others that leave at about the same time; durable when it resolves. */
  async depart(departure: Departure): Promise<void> {
    await this.departAll([departure]);
  }

  /** The same for several messages, all or none; those that are being deleted already are waited for. */
  async departAll(departures: readonly Departure[]): Promise<void> {
    if (this.#underWay.size === 0) return await this.#departFirst(departures);
    const { again = [], first = [] } = Object.groupBy(departures, ({ lease }) =>
      this.#underWay.has(lease) ? 'again' : 'first',
    );
    const others = again.map(({ lease }) => this.#underWay.get(lease));
    await Promise.all([...others, first.length > 0 && this.#departFirst(first)]);
  }

  async #departFirst(departures: readonly Departure[]): Promise<void> {
    const { book, giveBack } = this.#options;
    const leases = departures.flatMap(({ lease }) => lease ?? []);
    for (const lease of leases) book.beginLeaving(lease);
    const settled = this.#settlements.settle(...departures);
    for (const lease of leases) this.#underWay.set(lease, settled);
    try {
      await settled;
    } catch (error) {
      for (const lease of leases) giveBack(lease);
      throw error;
    } finally {
      for (const lease of leases) this.#underWay.delete(lease);
    }
  }

  /** Whether a message is being deleted that was received by this receive: its client has lost the first response. */
  isRepeated({ lease, receive }: { readonly lease: Lease | undefined; readonly receive: number }): boolean {
    return this.#underWay.has(lease) && lease?.receive.number === receive;
  }

  departInBackground(departure: Departure): void {
    this.depart(departure).catch((error: unknown) => {
      this.#options.log.warn(
        { err: error, queue: this.#options.id },
        'could not delete a message of a queue',
      );
    });
  }

  async #commitDepartures(takeDepartures: () => readonly Departure[]): Promise<void> {
    let departures: readonly Departure[] = [];
    const marked = await this.#options.engine.catalog.commit((transaction) => {
      departures = takeDepartures();
      return this.markDeleted(transaction, departures);
    });
    this.departed(departures, marked);
  }

  /** Part of a commit with which messages leave. Its result is for `departed`. */
  markDeleted(
    transaction: Transaction,
    departures: readonly (Departure | Lease)[],
  ): readonly MarkedMessages[] {
    const byLog = new Map<MessageLog, number[]>();
    const leases: Lease[] = [];
    for (const departure of departures) {
      const indexes = byLog.get(departure.log);
      if (indexes === undefined) byLog.set(departure.log, [departure.index]);
      else indexes.push(departure.index);
      const lease = leaseOf(departure);
      if (lease !== undefined) leases.push(lease);
    }
    this.#options.book.removeRows(transaction, leases);
    return Array.from(byLog, ([log, indexes]) => ({
      log,
      marked: this.#options.deleted.mark(transaction, log.id, indexes),
    }));
  }

  /** After that commit. */
  departed(departures: readonly (Departure | Lease)[], marked: readonly MarkedMessages[]): void {
    const leases = departures.flatMap((departure) => leaseOf(departure) ?? []);
    for (const { log, bytes } of leases) log.sinceTrim.bytes += bytes;
    this.#options.book.leaveDurably(leases);
    for (const { log, marked: indexes } of marked) {
      log.deletedCount += indexes.filter((index) => index >= log.trimmedTo).length;
      log.sinceTrim.messages += indexes.length;
      const { messages, bytes } = log.sinceTrim;
      const isTrimmed =
        messages >= queueLimits.deletedBetweenTrims || bytes >= queueLimits.deletedBytesBetweenTrims;
      if (isTrimmed) void this.trimDeleted(log);
    }
    this.#options.onDeparted(leases.length);
  }

  /** Frees the space of deleted messages at the front. A failure is made up for by the next one. */
  async trimDeleted(log: MessageLog): Promise<void> {
    log.sinceTrim.messages = 0;
    log.sinceTrim.bytes = 0;
    const { firstIndex, nextIndex } = log.bounds;
    try {
      await this.trim(log, this.#options.deleted.nextKept(log.id, firstIndex, nextIndex));
    } catch (error) {
      if (!this.#options.isClosed())
        this.#options.log.warn({ err: error, queue: this.#options.id }, 'could not trim a queue');
    }
  }

  /** Removes all messages before this one. */
  async trim(log: MessageLog, before: number): Promise<void> {
    const { engine, deleted } = this.#options;
    const { firstIndex } = log.bounds;
    if (before <= firstIndex) return;
    await engine.trim(log.id, before);
    const trimmedTo = log.trimmedTo;
    if (before <= trimmedTo) return;
    log.deletedCount -= deleted.count(log.id, trimmedTo, before);
    log.trimmedTo = before;
    for (const lease of this.#options.book.before(log, before)) this.#options.book.leave(lease);
    this.#options.order.trimmed(log, before);
    await engine.catalog.commit((transaction) => deleted.forget(transaction, log.id, before));
  }
}

function leaseOf(departure: Departure | Lease): Lease | undefined {
  return 'receive' in departure ? departure : departure.lease;
}
