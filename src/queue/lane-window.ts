import type { DurableQueue } from './durable-queue.ts';
import type { QueueMessage } from './message.ts';

interface WindowPosition {
  readonly dueMs: number;
  readonly number: number;
}

/** A read of the table in progress, and the changes made meanwhile. */
interface Load<Head extends object> {
  readonly released: Set<number>;
  readonly admitted: QueueMessage<Head>[];
}

/**
 * The next messages of a lane. All others stay on disk, however many there are, and are read in order when the window
 * has space. Each message is here at most once: in the window, or in flight until it is released.
 */
export class LaneWindow<Head extends object> {
  readonly name: string;
  readonly #queue: DurableQueue<Head>;
  /** Ordered by number. */
  #ready: QueueMessage<Head>[] = [];
  /** Ordered by due time. */
  #delayed: QueueMessage<Head>[] = [];
  /** Messages from this number on have not been read. There are none unless `#moreReady`. */
  #readyFrom = 0;
  #moreReady: boolean;
  /** Delayed messages after this place have not been read. There are none unless `#moreDelayed`. */
  #delayedAfter: WindowPosition | undefined;
  #moreDelayed: boolean;
  /** Numbers of messages in the window and in flight. */
  readonly #held = new Set<number>();
  #load: Load<Head> | undefined;

  /** `isNew`: this lane has no rows yet. */
  constructor(queue: DurableQueue<Head>, name: string, isNew: boolean) {
    this.#queue = queue;
    this.name = name;
    this.#moreReady = !isNew;
    this.#moreDelayed = !isNew && !queue.ordered;
  }

  /** No message of the lane is waiting or in flight. */
  get isEmpty(): boolean {
    return this.#held.size === 0 && !this.#moreReady && !this.#moreDelayed && this.#load === undefined;
  }

  get isLoading(): boolean {
    return this.#load !== undefined;
  }

  /** Whether to read more messages before the window is empty. */
  get needsLoad(): boolean {
    if (this.#load !== undefined) return false;
    return this.#needsReady || this.#needsDelayed;
  }

  /** When the first delayed message becomes due, among those that have been read. */
  get dueMs(): number | undefined {
    if (!this.#queue.ordered) return this.#delayed[0]?.dueMs;
    return this.#inFlight > 0 ? undefined : this.#ready[0]?.dueMs;
  }

  /** Adds a message that has just become durable. */
  admit(message: QueueMessage<Head>): void {
    if (this.#load !== undefined) this.#load.admitted.push(message);
    else if (this.#held.has(message.number)) return;
    else if (message.dueMs === undefined || this.#queue.ordered) this.#admitReady(message);
    else this.#admitDelayed(message, message.dueMs);
  }

  /** A message in flight was postponed: `after` is its new state. */
  postpone(message: QueueMessage<Head>, after: QueueMessage<Head>): void {
    if (this.#queue.ordered) {
      // It keeps its place before the others.
      this.giveBack(after);
      return;
    }
    this.release(message);
    this.admit(after);
  }

  /**
   * Takes the next message, which is in flight from now on; undefined when none is due or the window must be loaded
   * first.
   */
  take(nowMs: number): QueueMessage<Head> | undefined {
    if (this.#queue.ordered) {
      const [head] = this.#ready;
      if (head === undefined || this.#inFlight > 0 || (head.dueMs ?? 0) > nowMs) return undefined;
      return this.#ready.shift();
    }
    const [delayed] = this.#delayed;
    // Delayed messages have waited longer than those without a due time.
    if (delayed?.dueMs !== undefined && delayed.dueMs <= nowMs) return this.#delayed.shift();
    return this.#ready.shift();
  }

  /** Returns a message in flight to the front. */
  giveBack(message: QueueMessage<Head>): void {
    this.#ready.unshift(message);
  }

  /** A message in flight is settled. */
  release({ number }: QueueMessage<Head>): void {
    this.#held.delete(number);
    this.#load?.released.add(number);
  }

  /** Reads the next messages. */
  async load(): Promise<void> {
    const load: Load<Head> = { released: new Set(), admitted: [] };
    this.#load = load;
    const limit = this.#queue.windowMessages;
    try {
      if (this.#needsReady) {
        const messages = await this.#queue.readReady(this.name, this.#readyFrom, limit);
        const last = messages.at(-1);
        if (last !== undefined) this.#readyFrom = last.number + 1;
        this.#moreReady = messages.length === limit;
        for (const message of messages) if (this.#hold(message, load)) insert(this.#ready, message, byNumber);
      }
      if (this.#needsDelayed) {
        const messages = await this.#queue.readDelayed(this.name, this.#delayedAfter, limit);
        this.#delayedAfter = placeOf(messages.at(-1)) ?? this.#delayedAfter;
        this.#moreDelayed = messages.length === limit;
        for (const message of messages)
          if (this.#hold(message, load)) insert(this.#delayed, message, byDueTime);
      }
    } finally {
      this.#load = undefined;
      for (const message of load.admitted) this.admit(message);
    }
  }

  get #needsReady(): boolean {
    return this.#moreReady && this.#ready.length < this.#queue.windowMessages / 2;
  }

  get #needsDelayed(): boolean {
    return this.#moreDelayed && this.#delayed.length === 0;
  }

  get #inFlight(): number {
    return this.#held.size - this.#ready.length - this.#delayed.length;
  }

  /** False for a message that is already here, or was settled after its row was read. */
  #hold({ number }: QueueMessage<Head>, { released }: Load<Head>): boolean {
    if (this.#held.has(number) || released.has(number)) return false;
    this.#held.add(number);
    return true;
  }

  #admitReady(message: QueueMessage<Head>): void {
    const { number } = message;
    const isBehindOthers = this.#moreReady || this.#ready.length >= this.#queue.windowMessages;
    if (this.#queue.ordered || number < this.#readyFrom || isBehindOthers) {
      // Notifications of commits come in any order, but rows are stored in order: read them from there.
      this.#readyFrom = Math.min(this.#readyFrom, number);
      this.#moreReady = true;
      return;
    }
    this.#readyFrom = number + 1;
    this.#held.add(number);
    this.#ready.push(message);
  }

  #admitDelayed(message: QueueMessage<Head>, dueMs: number): void {
    const after = this.#delayedAfter ?? { dueMs: -1, number: -1 };
    const isBehind = dueMs > after.dueMs || (dueMs === after.dueMs && message.number > after.number);
    if (this.#moreDelayed && isBehind) return;
    this.#held.add(message.number);
    insert(this.#delayed, message, byDueTime);
    if (this.#delayed.length <= this.#queue.windowMessages * 2) return;
    const last = this.#delayed.pop();
    if (last !== undefined) this.#held.delete(last.number);
    this.#delayedAfter = placeOf(this.#delayed.at(-1));
    this.#moreDelayed = true;
  }
}

function placeOf<Head extends object>(message: QueueMessage<Head> | undefined): WindowPosition | undefined {
  if (message?.dueMs === undefined) return undefined;
  return { dueMs: message.dueMs, number: message.number };
}

function byNumber(left: { number: number }, right: { number: number }): number {
  return left.number - right.number;
}

function byDueTime<Head extends object>(left: QueueMessage<Head>, right: QueueMessage<Head>): number {
  return (left.dueMs ?? 0) - (right.dueMs ?? 0) || byNumber(left, right);
}

/** Searches from the end, where most insertions go. */
function insert<Item>(sorted: Item[], item: Item, compare: (left: Item, right: Item) => number): void {
  let at = sorted.length;
  for (let before = sorted[at - 1]; before !== undefined && compare(before, item) > 0;) {
    at--;
    before = sorted[at - 1];
  }
  sorted.splice(at, 0, item);
}
