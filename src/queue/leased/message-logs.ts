import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import type { Catalog, Table, Transaction } from '../../engine/catalog.ts';
import type { Engine, LogId } from '../../engine/engine.ts';
import { queueLimits } from '../limits.ts';
import type { DeletedMessages } from './deleted-messages.ts';
import { MessageLog } from './message-log.ts';
import type { DeliveryOrder } from './order.ts';
import type { ReadAhead } from './read-ahead.ts';

/** A log of a queue. */
interface LogRow {
  readonly log: LogId;
  readonly delayMs: number;
}

function logRows(catalog: Pick<Catalog, 'table'>): Table<LogRow> {
  return catalog.table('queue.logs');
}

/** Whether a queue is empty, by what is stored: it does not have to be open. */
export function hasNoMessages(
  engine: Pick<Engine, 'catalog' | 'bounds'>,
  deleted: DeletedMessages,
  queue: string,
): boolean {
  for (const [, { log }] of logRows(engine.catalog).entries(`${queue}/`)) {
    const { firstIndex, nextIndex } = engine.bounds(log);
    if (deleted.nextKept(log, firstIndex, nextIndex) < nextIndex) return false;
  }
  return true;
}

export interface MessageLogsOptions {
  readonly engine: Engine;
  /** Of the queue; the prefix of the keys of its rows. */
  readonly id: string;
  readonly isOrdered: boolean;
  readonly rules: () => { readonly delayMs: number };
  readonly deleted: DeletedMessages;
  readonly readAhead: ReadAhead;
  readonly order: DeliveryOrder;
  /** Whether a message was received and not deleted. */
  readonly isHeld: (log: MessageLog, index: number) => boolean;
  readonly onLost: (log: MessageLog, indexes: readonly number[], error: unknown) => void;
}

const DELAY_DIGITS = 8;

/**
 * The logs of a queue. An ordered queue has one. Another queue has one for each delay that its messages have, so that
 * the messages of each become due in order, and several for messages with a group, so that a group with many of them
 * keeps few others waiting.
 */
export class MessageLogs {
  readonly #options: MessageLogsOptions;
  readonly #rows: Table<LogRow>;
  readonly #byKey = new Map<string, MessageLog>();
  /** That of messages without a delay and, in a standard queue, without a group. */
  #usual: MessageLog | undefined;
  readonly #byId = new Map<LogId, MessageLog>();
  readonly #delays = new Map<MessageLog, number>();
  readonly #opening = new Map<string, Promise<MessageLog>>();

  constructor(options: MessageLogsOptions) {
    this.#options = options;
    this.#rows = logRows(options.engine.catalog);
    for (const [key, row] of this.#rows.entries(`${options.id}/`)) this.#add(key, row);
  }

  get(id: LogId): MessageLog | undefined {
    return this.#byId.get(id);
  }

  all(): IterableIterator<MessageLog> {
    return this.#byId.values();
  }

  /** Messages that are not deleted. */
  get total(): number {
    let total = 0;
    for (const log of this.#byId.values()) total += log.total;
    return total;
  }

  /** The log for a message; created with the first one. */
  logFor({
    delayMs = 0,
    groupId,
  }: {
    readonly delayMs?: number;
    readonly groupId?: string | undefined;
  }): MessageLog | Promise<MessageLog> {
    const { id, isOrdered } = this.#options;
    const delay = isOrdered ? 0 : delayMs;
    const slot = isOrdered || groupId === undefined ? 0 : 1 + (crc32(groupId) % queueLimits.groupLogs);
    if (delay === 0 && slot === 0 && this.#usual !== undefined) return this.#usual;
    const key = `${id}/${String(delay).padStart(DELAY_DIGITS, '0')}/${slot}`;
    const known = this.#byKey.get(key);
    if (delay === 0 && slot === 0) this.#usual = known;
    return known ?? this.#open(key, delay);
  }

  /** Messages that are not due yet. */
  async countDelayed(nowMs: number): Promise<number> {
    const { engine } = this.#options;
    let delayed = 0;
    for (const [log, ownMs] of this.#delays) {
      const delayMs = this.#delayOf(ownMs);
      const { firstIndex, nextIndex } = log.bounds;
      if (delayMs === 0 || log.total === 0) continue;
      delayed += nextIndex - Math.max(firstIndex, await engine.locate(log.id, nowMs - delayMs + 1));
    }
    return delayed;
  }

  /** When the oldest message that is not deleted was sent; undefined without one. */
  async oldestMs(): Promise<number | undefined> {
    let oldestMs: number | undefined;
    for (const log of this.all()) {
      const sentMs = await log.oldestMs();
      if (sentMs !== undefined) oldestMs = Math.min(sentMs, oldestMs ?? sentMs);
    }
    return oldestMs;
  }

  removeRows(transaction: Transaction): void {
    for (const key of this.#byKey.keys()) transaction.delete(this.#rows, key);
  }

  #delayOf(ownMs: number): number {
    return this.#options.isOrdered ? this.#options.rules().delayMs : ownMs;
  }

  #open(key: string, delayMs: number): Promise<MessageLog> {
    let opening = this.#opening.get(key);
    if (opening === undefined) {
      opening = this.#create(key, delayMs).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return opening;
  }

  async #create(key: string, delayMs: number): Promise<MessageLog> {
    const { engine } = this.#options;
    const [log] = await engine.createLogs(1);
    assert(log !== undefined, 'the engine created no log');
    const row = { log, delayMs };
    await engine.catalog.commit((transaction) => transaction.put(this.#rows, key, row));
    return this.#add(key, row);
  }

  #add(key: string, { log: id, delayMs }: LogRow): MessageLog {
    const { engine, deleted, readAhead, order, isHeld, onLost } = this.#options;
    const log: MessageLog = new MessageLog({
      engine,
      id,
      deleted,
      readAhead,
      delayMs: () => this.#delayOf(delayMs),
      isHeld: (index) => isHeld(log, index),
      onLost: (indexes, error) => onLost(log, indexes, error),
    });
    this.#byKey.set(key, log);
    this.#byId.set(id, log);
    this.#delays.set(log, delayMs);
    order.addLog(log);
    return log;
  }
}
