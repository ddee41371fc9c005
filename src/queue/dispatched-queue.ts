import type { Transaction } from '../engine/catalog.ts';
import type { IdempotencyKey } from '../engine/engine.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import { DurableQueue, type QueueOptions } from './durable-queue.ts';
import type { OutgoingMessage, QueueMessage } from './message.ts';

export interface DispatchedQueueOptions<Head extends object>
  extends QueueOptions, Omit<DispatcherOptions<Head>, 'queue'> {
  /** Moves messages that an earlier version stored elsewhere into the queue. */
  readonly takeOver?: (queue: DurableQueue<Head>) => Promise<void>;
}

/** A durable queue with the dispatcher that delivers its messages, as a service uses them. */
export class DispatchedQueue<Head extends object> {
  readonly #queue: DurableQueue<Head>;
  readonly #dispatcher: Dispatcher<Head>;

  private constructor(queue: DurableQueue<Head>, dispatcher: Dispatcher<Head>) {
    this.#queue = queue;
    this.#dispatcher = dispatcher;
  }

  static async open<Head extends object>(
    options: DispatchedQueueOptions<Head>,
  ): Promise<DispatchedQueue<Head>> {
    const queue = await DurableQueue.open<Head>(options);
    await options.takeOver?.(queue);
    return new DispatchedQueue(queue, new Dispatcher({ ...options, queue }));
  }

  /** Messages that are neither delivered nor discarded. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Resumes what an earlier run left; returns immediately. */
  start(): void {
    this.#dispatcher.start();
  }

  /**
   * Sends messages, all or none, and delivers them in the background. Durable when it resolves. A repeat with the same
   * key sends nothing. Throws QueueFullError.
   */
  async send(messages: readonly OutgoingMessage<Head>[], idempotencyKey?: IdempotencyKey): Promise<void> {
    this.#dispatcher.accept(await this.#queue.send(messages, undefined, idempotencyKey));
  }

  /** Sends messages without a body as part of a commit. Pass the result to `accept` after the commit. */
  plan(transaction: Transaction, messages: readonly OutgoingMessage<Head>[]): QueueMessage<Head>[] {
    return this.#queue.prepare(messages).change(transaction, undefined);
  }

  /** Delivers messages whose commit has become durable; returns immediately. */
  accept(messages: readonly QueueMessage<Head>[]): void {
    this.#dispatcher.accept(messages);
  }

  /** Starts no more attempts and waits for those in progress; the rest is delivered after the next start. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }
}
