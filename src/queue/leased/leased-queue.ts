import type { IdempotencyKey } from '../../engine/engine.ts';
import type { RecordPacker } from '../../engine/packed-records.ts';
import { queueLimits } from '../limits.ts';
import type {
  HandleResult,
  LeasedQueueOptions,
  MessageCounts,
  OutgoingMessage,
  PreparedMessages,
  ReceivedMessage,
  ReceiveRequest,
  Sent,
} from './contract.ts';
import { type Departure, Departures } from './departures.ts';
import { GroupOrder } from './group-order.ts';
import { LeaseBook } from './lease-book.ts';
import type { Lease, LeasedMessage, Receive } from './lease.ts';
import { groupOf, MessageView, packMessage } from './message-format.ts';
import { packerFor, releaseBatches } from './message-memory.ts';
import type { MessageLog } from './message-log.ts';
import { MessageLogs } from './message-logs.ts';
import { type AdaptMessage, moveMessages } from './move-messages.ts';
import type { DeliveryOrder, Taken } from './order.ts';
import { type Receipt, ReceiptHandles } from './receipt-handles.ts';
import { StandardOrder } from './standard-order.ts';
import { Waiters } from './waiters.ts';

/**
 * A queue whose messages are received for a time by any client, until they are deleted. Messages are records of a log
 * and have no rows while they wait; docs/decisions/queues.md explains what is durable and when.
 */
export class LeasedQueue {
  readonly id: string;
  readonly #options: LeasedQueueOptions;
  readonly #order: DeliveryOrder;
  readonly #logs: MessageLogs;
  readonly #book: LeaseBook;
  readonly #handles: ReceiptHandles;
  readonly #waiters: Waiters;
  readonly #departures: Departures;
  /** When messages were taken last. */
  #takenMs = 0;
  #cancelStore: (() => void) | undefined;
  #isClosed = false;

  constructor(options: LeasedQueueOptions) {
    const { engine, clock, id, isOrdered } = options;
    this.#options = options;
    this.id = id;
    const groups = isOrdered ? new GroupOrder(({ payload }) => groupOf(payload)) : undefined;
    this.#order = groups ?? new StandardOrder();
    this.#logs = new MessageLogs({
      ...options,
      order: this.#order,
      isHeld: (log, index) => this.#book.find(log, index) !== undefined,
      onLost: (log, indexes, error) => this.#discardLost(log, indexes, error),
    });
    this.#book = new LeaseBook({ catalog: engine.catalog, clock, queue: id, order: this.#order });
    this.#book.restore(
      (log) => this.#logs.get(log),
      (group) => groups?.group(group),
      (log, index) => this.#isThere(log, index),
    );
    this.#handles = new ReceiptHandles(options.handleKey);
    this.#waiters = new Waiters({
      clock,
      nextMs: () => Math.min(this.#book.nextVisibleMs, this.#order.nextDueMs(this.#takenMs)),
      onDue: () => this.#endTimeouts(),
    });
    this.#departures = new Departures({
      ...options,
      book: this.#book,
      order: this.#order,
      giveBack: (lease) => this.putBack([lease]),
      // The next messages of their groups may be received.
      onDeparted: (count) => isOrdered && this.#waiters.wake(count),
      isClosed: () => this.#isClosed,
    });
  }

  /** Sends messages; durable when it resolves. A repeat with the same key stores nothing. */
  async send(messages: readonly OutgoingMessage[], idempotencyKey?: IdempotencyKey): Promise<Sent[]> {
    const { batches, accept } = await this.prepare(messages);
    const request = { batches, ...(idempotencyKey !== undefined && { idempotencyKey }) };
    const appended = await this.#options.engine.append(request);
    releaseBatches(batches);
    return accept(appended.batches);
  }

  /** For an owner that sends as part of its own commit. */
  async prepare(messages: readonly OutgoingMessage[]): Promise<PreparedMessages> {
    const packers = new Map<MessageLog, RecordPacker>();
    const places: { readonly log: MessageLog; readonly ordinal: number }[] = [];
    for (const message of messages) {
      const found = this.#logs.logFor(message);
      const log = found instanceof Promise ? await found : found;
      let packer = packers.get(log);
      if (packer === undefined) packers.set(log, (packer = packerFor(messages)));
      places.push({ log, ordinal: packer.count });
      packMessage(packer, message);
    }
    const batches = Array.from(packers, ([log, packer]) => ({ log: log.id, records: packer.finish() }));
    return {
      batches,
      accept: (appended) => {
        const byLog = new Map(appended.map((one) => [one.log, one]));
        const sent = places.map(({ log, ordinal }) => {
          const { firstIndex = 0, arrivalMs = 0 } = byLog.get(log.id) ?? {};
          return { number: firstIndex + ordinal, sentMs: arrivalMs };
        });
        this.#waiters.wake(messages.length);
        return sent;
      },
    };
  }

  /** Receives messages, waiting for the first one if there is none. */
  async receive(request: ReceiveRequest): Promise<ReceivedMessage[]> {
    const { clock } = this.#options;
    const endMs = clock.now() + request.waitMs;
    for (;;) {
      const received = await this.#receiveNow(request);
      // The clock may have been set back.
      const leftMs = Math.min(endMs - clock.now(), request.waitMs);
      if (received.length > 0 || leftMs <= 0 || this.#isClosed || request.signal.aborted) return received;
      await this.#waiters.wait(leftMs, request.signal);
      // A message that woke it is for another one.
      if (request.signal.aborted) this.#waiters.wake(1);
    }
  }

  /** Deletes messages; durable when it resolves, with a result for each. */
  async delete(handles: readonly string[]): Promise<HandleResult[]> {
    const departures: Departure[] = [];
    const results = this.#handles.decode(handles).map((receipt): HandleResult => {
      const found = this.#find(receipt);
      if (typeof found === 'string') return found === 'gone' ? 'done' : found;
      const isValid = found.isCurrent || this.#departures.isRepeated(found);
      if (this.#options.isOrdered && !isValid) return 'expired';
      const { log, index, lease } = found;
      departures.push({ log, index, lease });
      return 'done';
    });
    if (departures.length > 0) await this.#departures.departAll(departures);
    return results;
  }

  /** Makes a message visible after this time. Throws what `check` throws, which gets the time of its receive. */
  async changeVisibility(
    handle: string,
    visibilityMs: number,
    check: (receivedMs: number) => void,
  ): Promise<HandleResult> {
    const found = this.#find(this.#handles.decode([handle])[0]);
    if (typeof found === 'string') return found;
    const { lease } = found;
    if (lease === undefined || lease.receive.number !== found.receive) return 'expired';
    if (lease.state === 'leaving' || (this.#options.isOrdered && !found.isCurrent)) return 'expired';
    check(lease.receive.receivedMs);
    this.#book.change(lease, visibilityMs);
    this.#endTimeouts();
    this.#waiters.arm();
    if (this.#options.isOrdered) await this.#book.store([lease.receive]);
    return 'done';
  }

  /** Messages that may be received, are in flight, and are delayed. */
  async counts(): Promise<MessageCounts> {
    this.#endTimeouts();
    const delayed = await this.#logs.countDelayed(this.#options.clock.now());
    const { inFlight } = this.#book;
    return { visible: Math.max(0, this.#logs.total - inFlight - delayed), inFlight, delayed };
  }

  /** When the oldest message that is not deleted was sent; undefined in an empty queue. */
  async oldestMs(): Promise<number | undefined> {
    return await this.#logs.oldestMs();
  }

  get isEmpty(): boolean {
    return this.#logs.total === 0;
  }

  get inFlight(): number {
    return this.#book.inFlight;
  }

  /** Removes all messages that have been sent. */
  async purge(): Promise<void> {
    for (const log of this.#logs.all()) await this.#departures.trim(log, log.bounds.nextIndex);
    await this.#book.storeDirty();
  }

  /** Removes what is too old, and frees the space of what was deleted. */
  async sweep(): Promise<void> {
    const { engine, clock, rules } = this.#options;
    for (const log of this.#logs.all()) {
      if (log.total > 0)
        await this.#departures.trim(log, await engine.locate(log.id, clock.now() - rules().retentionMs));
      if (log.sinceTrim.messages > 0) await this.#departures.trimDeleted(log);
    }
  }

  /** Moves messages to another queue in one step. */
  async moveTo(leases: readonly Lease[], target: LeasedQueue, adapt: AdaptMessage): Promise<void> {
    await moveMessages(leases, { engine: this.#options.engine, from: this.#departures, to: target, adapt });
  }

  /** Takes messages out of the queue, for `moveTo`; `putBack` returns those that stay. */
  async takeOut(most: number): Promise<Lease[]> {
    const receive = this.#book.newReceive(undefined);
    const leases = await this.#take(receive, most, false);
    for (const { lease } of leases) this.#book.beginLeaving(lease);
    return leases.map(({ lease }) => lease);
  }

  /** Takes a message that was received out of the queue, for `moveTo`. */
  takeReceived(handle: string): Lease | Exclude<HandleResult, 'done'> {
    const found = this.#find(this.#handles.decode([handle])[0]);
    if (typeof found === 'string') return found;
    if (found.lease === undefined || !found.isCurrent) return 'expired';
    this.#book.beginLeaving(found.lease);
    return found.lease;
  }

  /** A message that was taken out; undefined when it is lost. */
  async peek({ log, index }: Lease): Promise<MessageView | undefined> {
    const stored = await log.read(index);
    return stored && new MessageView(stored.payload);
  }

  putBack(leases: readonly Lease[]): void {
    for (const lease of leases) this.#book.giveBack(lease);
    this.#waiters.wake(leases.length);
  }

  /** Removes everything that the queue has stored. Its owner has removed what names it. */
  async remove(): Promise<void> {
    this.#end();
    const { engine, deleted } = this.#options;
    const logs = [...this.#logs.all()];
    for (const { id } of logs) await engine.drop(id);
    await engine.catalog.commit((transaction) => {
      for (const { id } of logs) deleted.forget(transaction, id);
      this.#book.removeAllRows(transaction);
      this.#logs.removeRows(transaction);
    });
  }

  /** Ends receives that wait. */
  endReceives(): void {
    this.#isClosed = true;
    this.#waiters.close();
  }

  /** Ends waiting receives and keeps the counts and visibility of messages for the next start. */
  async close(): Promise<void> {
    this.#end();
    await this.#book.store(this.#book.receives());
  }

  #end(): void {
    this.endReceives();
    this.#cancelStore?.();
    for (const log of this.#logs.all()) log.dropAhead();
  }

  async #receiveNow(request: ReceiveRequest): Promise<ReceivedMessage[]> {
    const { attemptId, visibilityMs } = request;
    const { isOrdered, clock } = this.#options;
    this.#endTimeouts();
    const earliestMs = clock.now() - queueLimits.receiveAttemptLifeMs;
    const earlier = attemptId === undefined ? undefined : this.#book.attempt(attemptId, earliestMs);
    if (earlier !== undefined) return await this.#repeat(earlier, visibilityMs);
    const receive = this.#book.newReceive(attemptId);
    try {
      const leases = await this.#take(receive, request.most, true);
      this.#book.begin(receive, visibilityMs);
      const received = await this.#read(leases);
      // Also those that another receive has by now.
      if (isOrdered && leases.length > 0) await this.#book.store([receive]);
      this.#endTimeouts();
      return received;
    } catch (error) {
      this.#book.undo(receive);
      throw error;
    }
  }

  async #repeat(receive: Receive, visibilityMs: number): Promise<ReceivedMessage[]> {
    const leases = Array.from(receive.leases, (lease) => ({ lease, stored: undefined }));
    for (const { lease } of leases) this.#book.change(lease, visibilityMs);
    await this.#book.store([receive]);
    return await this.#read(leases);
  }

  /** Leases messages, and sets those aside that were received too often. */
  async #take(receive: Receive, most: number, movesDead: boolean): Promise<readonly LeasedMessage[]> {
    const leases: LeasedMessage[] = [];
    for (;;) {
      const nowMs = this.#options.clock.now();
      this.#takenMs = nowMs;
      const freshMost = queueLimits.leasesMax - this.#book.size;
      const dead: Lease[] = [];
      for (const taken of this.#order.take(most - leases.length, freshMost, nowMs)) {
        if (movesDead && this.#isDead(taken)) dead.push(taken.lease);
        else leases.push({ lease: this.#book.lease(receive, taken), stored: taken.stored });
      }
      if (dead.length > 0) await this.#moveDead(dead);
      // While others are read, an earlier message of the same group may become visible again.
      const isEnough = leases.length >= most || (this.#options.isOrdered && leases.length > 0);
      if (isEnough) return leases;
      const loading = dead.length > 0 ? Promise.resolve() : this.#order.load(nowMs);
      if (loading === undefined) return leases;
      await loading;
    }
  }

  #isDead(taken: Taken): taken is Taken & { readonly lease: Lease } {
    const { receivesMax } = this.#options.rules();
    return taken.lease !== undefined && receivesMax !== undefined && taken.lease.count >= receivesMax;
  }

  async #moveDead(leases: readonly Lease[]): Promise<void> {
    for (const lease of leases) this.#book.beginLeavingTaken(lease);
    try {
      await this.#options.onDead(leases);
    } finally {
      for (const lease of leases) this.#book.giveBack(lease);
    }
  }

  /** Reads what is not in memory. Messages that are lost or too old are deleted instead. */
  async #read(leases: readonly LeasedMessage[]): Promise<ReceivedMessage[]> {
    const received: Omit<ReceivedMessage, 'receiptHandle'>[] = [];
    const receipts: Receipt[] = [];
    const { clock, rules } = this.#options;
    const earliestMs = clock.now() - rules().retentionMs;
    for (const { lease, stored: known } of leases) {
      const { log, index } = lease;
      const stored = known ?? (await log.read(index));
      const message = stored && new MessageView(stored.payload);
      const sentMs = message?.sentMs ?? stored?.arrivedMs ?? 0;
      if (message === undefined || sentMs <= earliestMs) {
        this.#departures.departInBackground({ log, index, lease });
        continue;
      }
      receipts.push({ log: log.id, index, receive: lease.receive.number });
      const { count: receiveCount, firstReceivedMs } = lease;
      received.push({ message, number: index, sentMs, receiveCount, firstReceivedMs });
    }
    const handles = this.#handles.encode(receipts);
    return received.map((one, ordinal) => ({ ...one, receiptHandle: handles[ordinal] ?? '' }));
  }

  #find(receipt: Receipt | undefined) {
    const log = receipt && this.#logs.get(receipt.log);
    if (receipt === undefined || log === undefined || receipt.index >= log.bounds.nextIndex) return 'invalid';
    const { index, receive } = receipt;
    if (!this.#isThere(log, index)) return 'gone';
    this.#endTimeouts();
    const lease = this.#book.find(log, index);
    const isCurrent = lease?.state === 'in flight' && lease.receive.number === receive;
    return { log, index, receive, lease, isCurrent };
  }

  #isThere(log: MessageLog, index: number): boolean {
    const { firstIndex, nextIndex } = log.bounds;
    return index >= firstIndex && index < nextIndex && !this.#options.deleted.has(log.id, index);
  }

  #discardLost(log: MessageLog, indexes: readonly number[], error: unknown): void {
    this.#options.log.error(
      { err: error, queue: this.id, messages: indexes.length },
      'messages of a queue were discarded: their file is damaged',
    );
    for (const index of indexes) {
      const lease = this.#book.find(log, index);
      if (lease === undefined) this.#departures.departInBackground({ log, index, lease });
    }
  }

  #endTimeouts(): void {
    const ended = this.#book.endTimeouts(this.#options.clock.now());
    if (ended > 0) this.#waiters.wake(ended);
    if (this.#book.hasDirty) this.#storeSoon();
  }

  #storeSoon(): void {
    if (this.#cancelStore !== undefined || this.#isClosed) return;
    const { clock } = this.#options;
    this.#cancelStore = clock.schedule(queueLimits.storeCountsAfterMs, () => {
      this.#cancelStore = undefined;
      this.#book.storeDirty().catch((error: unknown) => {
        this.#options.log.warn({ err: error, queue: this.id }, 'could not store the counts of a queue');
      });
    });
  }
}
