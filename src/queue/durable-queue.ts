import assert from 'node:assert/strict';
import type { Table, Transaction } from '../engine/catalog.ts';
import type { AppendBatch, Appended, Engine, IdempotencyKey, LogId } from '../engine/engine.ts';
import { RecordPacker, unpack } from '../engine/packed-records.ts';
import type { DiskTable } from '../engine/tables.ts';
import type { Clock } from '../support/clock.ts';
import type { Log } from '../support/log.ts';
import { rowOf, type MessageRow, type OutgoingMessage, type QueueMessage } from './message.ts';
import {
  afterLane,
  checkLane,
  delayedKey,
  delayedPrefix,
  laneOf,
  numberOf,
  readyKey,
  readyPrefix,
} from './row-keys.ts';
import { queueLimits } from './limits.ts';
import { Settlements } from './settlements.ts';

/** The queue already holds its maximum of messages. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** The state of a queue as a whole; the key is its name. */
export interface QueueRow {
  /** The log of the bodies. */
  readonly log: LogId;
  /** Number of the next message. */
  readonly next: number;
  /** Messages that are neither delivered nor discarded. */
  readonly waiting: number;
}

/** The number of waiting messages whose bodies are in that block of the log. */
export interface BlockRow {
  readonly waiting: number;
}

export interface QueueOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly waitingMax: number;
  /**
   * Messages of a lane are taken one at a time, each after the one before is settled. Otherwise newer messages may
   * overtake retries.
   */
  readonly ordered?: boolean;
  /** Messages of a lane held in memory; the others wait on disk. */
  readonly windowMessages?: number;
}

/** The rows and bodies of messages, to become part of a commit. */
export interface PreparedSend<Head extends object> {
  readonly batches: readonly AppendBatch[];
  /** `appended` is the place of the batch, if there is one. Throws QueueFullError. */
  change(transaction: Transaction, appended: Appended | undefined): QueueMessage<Head>[];
}

const BLOCK_DIGITS = 13;

/**
 * A durable queue: messages wait until they are settled. Each has a row in a disk table, and its body is in a log. All
 * changes are commits, so a message exists or not together with whatever its owner writes in the same step. LaneWindow
 * and Dispatcher decide who takes messages and in which order.
 */
export class DurableQueue<Head extends object> {
  readonly ordered: boolean;
  readonly windowMessages: number;
  readonly #options: QueueOptions;
  readonly #engine: Engine;
  readonly #messages: DiskTable<MessageRow<Head>>;
  readonly #queues: Table<QueueRow>;
  readonly #blocks: Table<BlockRow>;
  readonly #log: LogId;
  readonly #settlements = new Settlements<QueueMessage<Head>>((takeMessages) =>
    this.#engine.catalog.commit((transaction) => this.#delete(transaction, takeMessages())),
  );
  #settledSinceTrim = 0;

  private constructor(options: QueueOptions, log: LogId) {
    const { engine, name } = options;
    this.#options = options;
    this.ordered = options.ordered === true;
    this.windowMessages = options.windowMessages ?? queueLimits.windowMessages;
    this.#engine = engine;
    this.#messages = engine.tables.open(`queue.${name}`);
    this.#queues = engine.catalog.table('queue.queues');
    this.#blocks = engine.catalog.table(`queue.${name}.blocks`);
    this.#log = log;
  }

  static async open<Head extends object>(options: QueueOptions): Promise<DurableQueue<Head>> {
    const { engine, name } = options;
    const queues = engine.catalog.table<QueueRow>('queue.queues');
    let log = queues.get(name)?.log;
    if (log === undefined) {
      const [created] = await engine.createLogs(1);
      assert(created !== undefined, 'the engine created no log');
      log = created;
      const row = { log, next: 0, waiting: 0 };
      await engine.catalog.commit((transaction) => transaction.put(queues, name, row));
    }
    const queue = new DurableQueue<Head>(options, log);
    await queue.trim();
    return queue;
  }

  /** Messages that are neither delivered nor discarded. */
  get waiting(): number {
    return this.#queues.get(this.#options.name)?.waiting ?? 0;
  }

  /** For an owner that sends as part of its own commit. */
  prepare(messages: readonly OutgoingMessage<Head>[]): PreparedSend<Head> {
    return this.#prepare(messages, this.#options.waitingMax);
  }

  /**
   * Sends messages and makes `change` in one commit, durable when it resolves. A repeat with the same key does nothing,
   * and has no messages. Throws QueueFullError and the errors of Engine.commit.
   */
  async send(
    messages: readonly OutgoingMessage<Head>[],
    change?: (transaction: Transaction) => void,
    idempotencyKey?: IdempotencyKey,
  ): Promise<QueueMessage<Head>[]> {
    return await this.#send(this.prepare(messages), change, idempotencyKey);
  }

  /**
   * Like `send`, for messages that were already waiting elsewhere: they count towards the bound but are not refused by
   * it.
   */
  async takeOver(
    messages: readonly OutgoingMessage<Head>[],
    change: (transaction: Transaction) => void,
  ): Promise<QueueMessage<Head>[]> {
    return await this.#send(this.#prepare(messages, Infinity), change);
  }

  async #send(
    prepared: PreparedSend<Head>,
    change: ((transaction: Transaction) => void) | undefined,
    idempotencyKey?: IdempotencyKey,
  ): Promise<QueueMessage<Head>[]> {
    const { result } = await this.#engine.commit({
      batches: prepared.batches,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      change: (transaction, [appended]) => {
        change?.(transaction);
        return prepared.change(transaction, appended);
      },
    });
    assert(
      result !== undefined || idempotencyKey !== undefined,
      'a commit without an idempotency key was treated as a repeat',
    );
    return result ?? [];
  }

  #prepare(messages: readonly OutgoingMessage<Head>[], waitingMax: number): PreparedSend<Head> {
    let bytes = 0;
    for (const { body } of messages) bytes += body === undefined ? 0 : body.length + 4;
    const packer = new RecordPacker(bytes);
    for (const { body, to } of messages) if (body !== undefined && to.length > 0) packer.add(body);
    const batches = packer.count === 0 ? [] : [{ log: this.#log, records: packer.finish() }];
    return {
      batches,
      change: (transaction, appended) => {
        const { waiting } = this.#row(transaction);
        if (waiting >= waitingMax) {
          throw new QueueFullError(
            `the queue ${this.#options.name} is full: ${waiting} messages are waiting`,
          );
        }
        return this.#put(transaction, messages, appended);
      },
    };
  }

  /** Reads a body; empty for a message without one. Undefined when the body was lost with a damaged file. */
  async body({ bodyIndex }: QueueMessage<Head>): Promise<Buffer | undefined> {
    if (bodyIndex === undefined) return Buffer.alloc(0);
    const [batch] = await this.#engine.read(this.#log, bodyIndex, { maxRecords: 1, maxBytes: 1 });
    if (batch === undefined || batch.firstIndex !== bodyIndex) return undefined;
    let body: Buffer | undefined;
    unpack(batch, (_ordinal, offset, length) => {
      body = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + offset, length);
      return false;
    });
    return body;
  }

  /** Removes a delivered or discarded message. `change` is part of the same commit. */
  async settle(message: QueueMessage<Head>, change?: (transaction: Transaction) => void): Promise<void> {
    if (change === undefined) await this.#settlements.settle(message);
    else {
      await this.#engine.catalog.commit((transaction) => {
        this.#delete(transaction, [message]);
        change(transaction);
      });
    }
    this.#settledSinceTrim++;
    if (this.#settledSinceTrim >= queueLimits.settledBetweenTrims) await this.trim();
  }

  /**
   * Delays a message until `dueMs`. A body far behind the newest one is stored again, so that a long-waiting message
   * does not keep the log from being trimmed.
   */
  async postpone(
    message: QueueMessage<Head>,
    changed: Required<Pick<QueueMessage<Head>, 'dueMs' | 'attempts' | 'faults'>>,
  ): Promise<QueueMessage<Head>> {
    const body = await this.#bodyLeftBehind(message);
    const packer = new RecordPacker((body?.length ?? 0) + 4);
    if (body !== undefined) packer.add(body);
    const { result } = await this.#engine.commit({
      batches: body === undefined ? [] : [{ log: this.#log, records: packer.finish() }],
      change: (transaction, [appended]) => {
        const bodyIndex = appended?.firstIndex ?? message.bodyIndex;
        const after: QueueMessage<Head> = { ...message, ...changed, bodyIndex };
        transaction.delete(this.#messages, this.#key(message));
        transaction.put(this.#messages, this.#key(after), rowOf(after));
        if (bodyIndex !== message.bodyIndex) {
          this.#countBodies(transaction, new Map([[blockOf(bodyIndex), 1]]));
          this.#countBodies(transaction, new Map([[blockOf(message.bodyIndex), -1]]));
        }
        return after;
      },
    });
    assert(result !== undefined, 'a commit without an idempotency key was treated as a repeat');
    return result;
  }

  /** Moves a message to another queue in one step. */
  async moveTo(message: QueueMessage<Head>, target: DurableQueue<Head>): Promise<QueueMessage<Head>[]> {
    const body = message.bodyIndex === undefined ? undefined : await this.body(message);
    const { lane, head } = message;
    const outgoing = { to: [{ lane, head }], ...(body === undefined ? {} : { body }) };
    return await target.takeOver([outgoing], (transaction) => this.#delete(transaction, [message]));
  }

  /** Reads messages without a due time, from that number on. */
  async readReady(lane: string, from: number, limit: number): Promise<QueueMessage<Head>[]> {
    return await this.#read(lane, { prefix: readyPrefix(lane), from: readyKey(lane, from), limit });
  }

  /** Reads messages with a due time, the earliest after that place. */
  async readDelayed(
    lane: string,
    after: { readonly dueMs: number; readonly number: number } | undefined,
    limit: number,
  ): Promise<QueueMessage<Head>[]> {
    const prefix = delayedPrefix(lane);
    if (after === undefined) return await this.#read(lane, { prefix, limit });
    return await this.#read(lane, { prefix, after: delayedKey(lane, after.dueMs, after.number), limit });
  }

  /** The first lane after the given one that has a waiting message. */
  async nextLane(after: string | undefined): Promise<string | undefined> {
    const range = after === undefined ? { limit: 1 } : { from: afterLane(after), limit: 1 };
    for await (const [key] of this.#messages.entries(range)) return laneOf(key);
    return undefined;
  }

  /** Trims bodies that no message needs any more. A failure is retried with a later message. */
  async trim(): Promise<void> {
    this.#settledSinceTrim = 0;
    const { firstIndex, nextIndex } = this.#engine.bounds(this.#log);
    const { value: oldest } = this.#blocks.entries().next();
    const before = oldest === undefined ? nextIndex : Number(oldest[0]) * queueLimits.blockBodies;
    if (before <= firstIndex) return;
    try {
      await this.#engine.trim(this.#log, before);
    } catch (error) {
      this.#options.log.warn({ err: error, queue: this.#options.name }, 'could not trim the log of a queue');
    }
  }

  async #read(
    lane: string,
    range: Parameters<DiskTable<MessageRow<Head>>['entries']>[0],
  ): Promise<QueueMessage<Head>[]> {
    const messages: QueueMessage<Head>[] = [];
    for await (const [key, row] of this.#messages.entries(range)) {
      const { head, sentMs, attempts = 0, faults = 0, dueMs, bodyIndex } = row;
      messages.push({ lane, number: numberOf(key), head, sentMs, attempts, faults, dueMs, bodyIndex });
    }
    return messages;
  }

  #put(
    transaction: Transaction,
    messages: readonly OutgoingMessage<Head>[],
    appended: Appended | undefined,
  ): QueueMessage<Head>[] {
    const queue = this.#row(transaction);
    const nowMs = this.#options.clock.now();
    const put: QueueMessage<Head>[] = [];
    const bodies = new Map<number, number>();
    let nextBody = appended?.firstIndex;
    for (const { body, to } of messages) {
      if (to.length === 0) continue;
      let bodyIndex: number | undefined;
      if (body !== undefined) {
        assert(nextBody !== undefined, 'a message is put into a queue without its body');
        bodyIndex = nextBody++;
        bodies.set(blockOf(bodyIndex), (bodies.get(blockOf(bodyIndex)) ?? 0) + to.length);
      }
      for (const { lane, head, sentMs = nowMs, attempts = 0, dueMs } of to) {
        checkLane(lane);
        const number = queue.next + put.length;
        const message = { lane, number, head, sentMs, attempts, faults: 0, dueMs, bodyIndex };
        transaction.put(this.#messages, this.#key(message), rowOf(message));
        put.push(message);
      }
    }
    this.#putRow(transaction, {
      ...queue,
      next: queue.next + put.length,
      waiting: queue.waiting + put.length,
    });
    this.#countBodies(transaction, bodies);
    return put;
  }

  #delete(transaction: Transaction, messages: readonly QueueMessage<Head>[]): void {
    const queue = this.#row(transaction);
    assert(queue.waiting >= messages.length, 'more messages leave a queue than wait in it');
    const bodies = new Map<number, number>();
    for (const message of messages) {
      transaction.delete(this.#messages, this.#key(message));
      if (message.bodyIndex === undefined) continue;
      const block = blockOf(message.bodyIndex);
      bodies.set(block, (bodies.get(block) ?? 0) - 1);
    }
    this.#putRow(transaction, { ...queue, waiting: queue.waiting - messages.length });
    this.#countBodies(transaction, bodies);
  }

  #row(transaction: Transaction): Readonly<QueueRow> {
    const row = transaction.get(this.#queues, this.#options.name);
    assert(row !== undefined, 'the row of an open queue is missing');
    return row;
  }

  #putRow(transaction: Transaction, row: QueueRow): void {
    transaction.put(this.#queues, this.#options.name, row);
  }

  #countBodies(transaction: Transaction, changes: ReadonlyMap<number, number>): void {
    for (const [block, change] of changes) {
      const key = blockKey(block);
      const waiting = (transaction.get(this.#blocks, key)?.waiting ?? 0) + change;
      assert(waiting >= 0, 'more messages have left a block of a queue than entered it');
      if (waiting === 0) transaction.delete(this.#blocks, key);
      else transaction.put(this.#blocks, key, { waiting });
    }
  }

  async #bodyLeftBehind(message: QueueMessage<Head>): Promise<Buffer | undefined> {
    if (message.bodyIndex === undefined) return undefined;
    const { nextIndex } = this.#engine.bounds(this.#log);
    if (nextIndex - message.bodyIndex < queueLimits.bodiesBehindMax) return undefined;
    return await this.body(message);
  }

  #key({ lane, number, dueMs }: QueueMessage<Head>): string {
    // In an ordered lane a delayed message keeps its place before later ones.
    if (dueMs === undefined || this.ordered) return readyKey(lane, number);
    return delayedKey(lane, dueMs, number);
  }
}

export function blockKey(block: number): string {
  return block.toString().padStart(BLOCK_DIGITS, '0');
}

/** The block of the log that holds a body. */
export function blockOf(bodyIndex: number | undefined): number {
  assert(bodyIndex !== undefined, 'a message without a body has no block');
  return Math.floor(bodyIndex / queueLimits.blockBodies);
}
