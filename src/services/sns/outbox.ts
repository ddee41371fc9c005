import assert from 'node:assert/strict';
import { limits } from '../../limits.ts';
import type { Engine, LogId } from '../../engine/engine.ts';
import type { Table } from '../../engine/catalog.ts';
import { RecordPacker, unpack } from '../../engine/packed-records.ts';
import { throttled } from './errors.ts';
import type { StoredMessage } from './notification.ts';
import type { Protocol, Subscription } from './topic.ts';

/** One message to one endpoint, until it is delivered or given up. */
export interface Delivery {
  /** Of the message in the log. */
  readonly index: number;
  readonly subscriptionArn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Failed ones so far. */
  readonly attempts: number;
  readonly dueMs: number;
}

interface StoreRow {
  readonly messages: LogId;
}

const READ_BYTES = 1024 * 1024;
const INDEX_DIGITS = 16;
const SETTLED_BETWEEN_TRIMS = 256;

/** Messages that still have deliveries pending: a log holds each message once, a table has a row for each delivery. */
export class Outbox {
  readonly #engine: Engine;
  readonly #table: Table<Delivery>;
  readonly #messages: LogId;
  #settled = 0;

  private constructor(engine: Engine, messages: LogId) {
    this.#engine = engine;
    this.#table = engine.catalog.table('sns.deliveries');
    this.#messages = messages;
  }

  static async open(engine: Engine): Promise<Outbox> {
    const store = engine.catalog.table<StoreRow>('sns.store');
    const row = store.get('store');
    if (row !== undefined) return new Outbox(engine, row.messages);
    const [messages] = await engine.createLogs(1);
    if (messages === undefined) throw new Error('the engine gave no log');
    await engine.catalog.commit((transaction) => transaction.put(store, 'store', { messages }));
    return new Outbox(engine, messages);
  }

  get pending(): IterableIterator<readonly [string, Delivery]> {
    return this.#table.entries();
  }

  /** Stores messages and who is to get them; durable when it resolves. Throws Throttled. */
  async add(
    messages: readonly { readonly message: StoredMessage; readonly to: readonly Subscription[] }[],
    nowMs: number,
  ): Promise<readonly (readonly [string, Delivery])[]> {
    const wanted = messages.filter(({ to }) => to.length > 0);
    if (wanted.length === 0) return [];
    if (this.#table.size >= limits.snsDeliveriesPendingMax) throw throttled();
    const packer = new RecordPacker();
    for (const { message } of wanted) packer.add(Buffer.from(JSON.stringify(message)));
    const { result } = await this.#engine.commit({
      batches: [{ log: this.#messages, records: packer.finish() }],
      change: (transaction, [appended]) => {
        assert(appended !== undefined, 'the engine did not say where the messages are');
        const rows = wanted.flatMap(({ to }, ordinal) =>
          to.map((subscription) => row(appended.firstIndex + ordinal, subscription, nowMs)),
        );
        for (const [key, delivery] of rows) transaction.put(this.#table, key, delivery);
        return rows;
      },
    });
    assert(result !== undefined, 'a commit without an idempotency key was taken for a repeat');
    return result;
  }

  async message(index: number): Promise<StoredMessage | undefined> {
    const limit = { maxRecords: 1, maxBytes: READ_BYTES };
    const [batch] = await this.#engine.read(this.#messages, index, limit);
    if (batch === undefined || batch.firstIndex !== index) return undefined;
    let message: StoredMessage | undefined;
    unpack(batch, (_ordinal, offset, length) => {
      const text = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + offset, length).toString();
      // What `add` wrote.
      message = JSON.parse(text) as StoredMessage;
      return false;
    });
    return message;
  }

  /** The delivery failed, and is to be tried again. */
  async postpone(key: string, delivery: Delivery): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#table, key, delivery));
  }

  /** The delivery is done or given up. */
  async settle(key: string): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.delete(this.#table, key));
    this.#settled++;
    if (this.#settled >= SETTLED_BETWEEN_TRIMS) await this.trim();
  }

  /** Forgets the messages that nobody is waiting for. */
  async trim(): Promise<void> {
    this.#settled = 0;
    const { firstIndex, nextIndex } = this.#engine.bounds(this.#messages);
    let before = nextIndex;
    const { value: oldest } = this.#table.entries().next();
    if (oldest !== undefined) before = Math.min(before, oldest[1].index);
    if (before > firstIndex) await this.#engine.trim(this.#messages, before);
  }
}

function row(
  index: number,
  { arn, topicArn, protocol, endpoint }: Subscription,
  dueMs: number,
): [string, Delivery] {
  const key = `${index.toString().padStart(INDEX_DIGITS, '0')}/${arn}`;
  return [key, { index, subscriptionArn: arn, topicArn, protocol, endpoint, attempts: 0, dueMs }];
}
