import { limits } from '../../limits.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import type { Attempt, Outcome } from './attempt.ts';
import type { Delivery, Outbox } from './outbox.ts';

/** Deliveries to one subscription: no more than a few at once, so that a slow endpoint delays nobody else. */
interface Lane {
  readonly ready: Waiting[];
  running: number;
}

interface Waiting {
  readonly key: string;
  readonly delivery: Delivery;
}

/** After a fault of our own, as a full disk. */
const RETRY_AFTER_FAULT_MS = 20_000;

export interface DelivererEvents {
  delivered(delivery: Delivery): void;
  failed(delivery: Delivery): void;
}

/**
 * Delivers what is in the outbox, each delivery until it succeeds or its retries are used up. What is under way
 * when the server stops is tried again after its next start, so an endpoint may get a message twice, with the same
 * MessageId, as with AWS.
 */
export class Deliverer {
  readonly #outbox: Outbox;
  readonly #attempt: Attempt;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #events: DelivererEvents;
  readonly #lanes = new Map<string, Lane>();
  /** Lanes that have something ready and may start it, in turn. */
  readonly #turns = new Set<Lane>();
  readonly #timers = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  readonly #closing = new AbortController();

  constructor(outbox: Outbox, attempt: Attempt, clock: Clock, log: Log, events: DelivererEvents) {
    this.#outbox = outbox;
    this.#attempt = attempt;
    this.#clock = clock;
    this.#log = log;
    this.#events = events;
    this.take(outbox.pending);
  }

  /** Deliveries that are in the outbox; returns at once. */
  take(deliveries: Iterable<readonly [string, Delivery]>): void {
    for (const [key, delivery] of deliveries) this.#takeOne({ key, delivery });
    this.#start();
  }

  /** Ends attempts under way; their deliveries stay in the outbox. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const cancel of this.#timers) cancel();
    await Promise.all(this.#running);
  }

  #takeOne(waiting: Waiting): void {
    const delayMs = waiting.delivery.dueMs - this.#clock.now();
    if (delayMs <= 0) return this.#ready(waiting);
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#timers.delete(cancel);
      this.#ready(waiting);
      this.#start();
    });
    this.#timers.add(cancel);
  }

  #ready(waiting: Waiting): void {
    const { subscriptionArn } = waiting.delivery;
    let lane = this.#lanes.get(subscriptionArn);
    if (lane === undefined) this.#lanes.set(subscriptionArn, (lane = { ready: [], running: 0 }));
    lane.ready.push(waiting);
    if (lane.running < limits.snsDeliveriesAtOncePerSubscriptionMax) this.#turns.add(lane);
  }

  #start(): void {
    for (const lane of this.#turns) {
      if (this.#closing.signal.aborted || this.#running.size >= limits.snsDeliveriesAtOnceMax) return;
      this.#turns.delete(lane);
      const waiting = lane.ready.shift();
      if (waiting === undefined) continue;
      lane.running++;
      this.#offerTurn(lane);
      const done = this.#deliver(waiting)
        .catch((error: unknown) => {
          this.#log.error({ err: error }, 'a notification could not be dealt with; trying again');
          const dueMs = this.#clock.now() + RETRY_AFTER_FAULT_MS;
          if (!this.#closing.signal.aborted)
            this.#takeOne({ ...waiting, delivery: { ...waiting.delivery, dueMs } });
        })
        .finally(() => {
          lane.running--;
          this.#running.delete(done);
          if (lane.running === 0 && lane.ready.length === 0)
            this.#lanes.delete(waiting.delivery.subscriptionArn);
          else this.#offerTurn(lane);
          this.#start();
        });
      this.#running.add(done);
    }
  }

  /** Puts the lane behind the others when it may start one more. */
  #offerTurn(lane: Lane): void {
    if (lane.ready.length > 0 && lane.running < limits.snsDeliveriesAtOncePerSubscriptionMax)
      this.#turns.add(lane);
  }

  async #deliver({ key, delivery }: Waiting): Promise<void> {
    const message = await this.#outbox.message(delivery.index);
    const outcome: Outcome =
      message === undefined
        ? { result: 'gone' }
        : await this.#attempt(message, delivery, this.#closing.signal);
    switch (outcome.result) {
      case 'interrupted':
        return;
      case 'delivered':
        this.#events.delivered(delivery);
        return await this.#outbox.settle(key);
      case 'gone':
        return await this.#outbox.settle(key);
      case 'failed': {
        const facts = {
          subscription: delivery.subscriptionArn,
          endpoint: delivery.endpoint,
          reason: outcome.reason,
        };
        if (outcome.retryAfterMs === undefined) {
          this.#log.warn(facts, 'a notification was given up');
          this.#events.failed(delivery);
          return await this.#outbox.settle(key);
        }
        this.#log.debug(facts, 'a notification will be tried again');
        const dueMs = this.#clock.now() + outcome.retryAfterMs;
        const again = { ...delivery, attempts: delivery.attempts + 1, dueMs };
        await this.#outbox.postpone(key, again);
        if (!this.#closing.signal.aborted) this.#takeOne({ key, delivery: again });
      }
    }
  }
}
