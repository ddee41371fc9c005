import { hash } from 'node:crypto';
import type { Engine } from '../../engine/engine.ts';
import type { DiskTable, RowRange } from '../../engine/tables.ts';
import type { Clock } from '../../support/clock.ts';
import { queueLimits } from '../limits.ts';
import type { OutgoingMessage, Sent } from './contract.ts';
import { KeyFilter } from './key-filter.ts';
import type { LeasedQueue } from './leased-queue.ts';

/** A message that was sent with a key. */
interface SentRow {
  readonly number: number;
  readonly sentMs: number;
  /** When the key was stored, by the time of deduplication; in rows of earlier versions that is `sentMs`. */
  readonly keptMs?: number;
  /** Hexadecimal. */
  readonly id: string;
}

/** A message to be sent unless one with the same key was sent before. */
export interface KeyedMessage extends OutgoingMessage {
  readonly key: string;
}

export interface SentOnce extends Sent {
  /** Of the message that was sent first. */
  readonly id: Buffer;
  readonly isRepeat: boolean;
}

export interface DeduplicationOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly queue: LeasedQueue;
}

const LIFE_MS = queueLimits.deduplicationLifeMs;
const PERIOD_DIGITS = 8;

/**
 * Recognizes messages that were sent in the last five minutes, also before a restart: a row for each, written in the
 * same commit. Rows are ordered by the five minutes in which they were written, so that old ones are found together. A
 * filter in memory answers for keys that are new, which almost all are.
 */
export class Deduplication {
  readonly #options: DeduplicationOptions;
  readonly #rows: DiskTable<SentRow>;
  readonly #filter = new KeyFilter();
  readonly #time: SteadyTime;
  /** Messages whose commits are under way. */
  readonly #pending = new Map<string, Promise<SentOnce>>();
  /** Until when a key may have been sent by an earlier process. */
  #askDiskUntilMs: Promise<number> | undefined;

  constructor(options: DeduplicationOptions) {
    this.#options = options;
    this.#time = new SteadyTime(options.clock);
    this.#rows = options.engine.tables.open('queue.deduplication');
  }

  /** Sends those messages that were not sent before, in one commit. */
  async send(messages: readonly KeyedMessage[]): Promise<SentOnce[]> {
    this.#askDiskUntilMs ??= this.#findEarlier();
    const askDiskUntilMs = await this.#askDiskUntilMs;
    const fresh: Fresh[] = [];
    try {
      const answers = await this.#divide(messages, fresh, askDiskUntilMs);
      await this.#send(fresh);
      return await Promise.all(answers);
    } catch (error) {
      for (const { answer } of fresh) answer.reject(error);
      throw error;
    } finally {
      for (const { key } of fresh) this.#pending.delete(key);
    }
  }

  /** Finds those that are to be sent; returns the answers to all, which for those come later. */
  async #divide(
    messages: readonly KeyedMessage[],
    fresh: Fresh[],
    askDiskUntilMs: number,
  ): Promise<Promise<SentOnce>[]> {
    const answers: Promise<SentOnce>[] = [];
    for (const message of messages) {
      const key = hash('md5', message.key, 'base64url');
      const pending = this.#pending.get(key);
      if (pending !== undefined) {
        answers.push(pending.then((sent) => ({ ...sent, isRepeat: true })));
        continue;
      }
      const answer = Promise.withResolvers<SentOnce>();
      // It may reject before anybody waits for it.
      answer.promise.catch(() => {});
      answers.push(answer.promise);
      // From here on others with this key wait, also while the row is looked for.
      this.#pending.set(key, answer.promise);
      const one = { message, key, answer };
      if (await this.#isKnown(one, askDiskUntilMs)) this.#pending.delete(key);
      else fresh.push(one);
    }
    return answers;
  }

  /** Removes what is older than five minutes. */
  async sweep(): Promise<void> {
    const { queue } = this.#options;
    const before = `${queue.id}/${periodText(periodOf(this.#time.now()) - 1)}`;
    await this.#remove({ prefix: `${queue.id}/`, before });
  }

  /** Removes all rows of the queue. */
  async remove(): Promise<void> {
    await this.#remove({ prefix: `${this.#options.queue.id}/` });
  }

  async #remove(range: RowRange): Promise<void> {
    for (;;) {
      const keys: string[] = [];
      const limit = queueLimits.deduplicationRowsPerCommit;
      for await (const [key] of this.#rows.entries({ ...range, limit })) keys.push(key);
      if (keys.length === 0) return;
      await this.#options.engine.catalog.commit((transaction) => {
        for (const key of keys) transaction.delete(this.#rows, key);
      });
    }
  }

  /** Answers a message that was sent before. Throws, and then nobody waits for it any more. */
  async #isKnown({ key, answer }: Fresh, askDiskUntilMs: number): Promise<boolean> {
    const nowMs = this.#time.now();
    const period = periodOf(nowMs);
    const isNew = this.#filter.add(key, period);
    const mayBeKnown = !isNew || nowMs < askDiskUntilMs;
    if (!mayBeKnown) return false;
    try {
      const earlier = await this.#find(key, nowMs);
      if (earlier !== undefined) answer.resolve(earlier);
      return earlier !== undefined;
    } catch (error) {
      this.#pending.delete(key);
      answer.reject(error);
      throw error;
    }
  }

  async #send(fresh: readonly Fresh[]): Promise<void> {
    if (fresh.length === 0) return;
    const { engine, queue } = this.#options;
    const { batches, accept } = await queue.prepare(fresh.map(({ message }) => message));
    const keptMs = this.#time.now();
    const period = periodText(periodOf(keptMs));
    const { batches: appended } = await engine.commit({
      batches,
      change: (transaction, [place]) => {
        // A queue with deduplication is ordered, and has one log.
        const { firstIndex = 0, arrivalMs: sentMs = 0 } = place ?? {};
        for (const [ordinal, { message, key }] of fresh.entries()) {
          const id = message.id.toString('hex');
          const row = { number: firstIndex + ordinal, sentMs, keptMs, id };
          transaction.put(this.#rows, `${queue.id}/${period}/${key}`, row);
        }
      },
    });
    const sent = accept(appended);
    for (const [ordinal, { message, answer }] of fresh.entries()) {
      const { number = 0, sentMs = 0 } = sent[ordinal] ?? {};
      answer.resolve({ number, sentMs, id: message.id, isRepeat: false });
    }
  }

  async #find(key: string, nowMs: number): Promise<SentOnce | undefined> {
    const { queue } = this.#options;
    const period = periodOf(nowMs);
    for (const one of [period, period - 1]) {
      const row = await this.#rows.get(`${queue.id}/${periodText(one)}/${key}`);
      if (row === undefined || (row.keptMs ?? row.sentMs) + LIFE_MS <= nowMs) continue;
      return { number: row.number, sentMs: row.sentMs, id: Buffer.from(row.id, 'hex'), isRepeat: true };
    }
    return undefined;
  }

  /** Keys of an earlier process are not in the filter. */
  async #findEarlier(): Promise<number> {
    const { queue } = this.#options;
    const nowMs = this.#time.now();
    const from = `${queue.id}/${periodText(periodOf(nowMs) - 1)}`;
    for await (const _row of this.#rows.entries({ prefix: `${queue.id}/`, from, limit: 1 }))
      return nowMs + LIFE_MS;
    return 0;
  }
}

/** The time of a clock, which goes on from where it was when the clock is set back. */
class SteadyTime {
  readonly #clock: Clock;
  #lastMs = -Infinity;
  #behindMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    const nowMs = this.#clock.now();
    if (nowMs < this.#lastMs) this.#behindMs += this.#lastMs - nowMs;
    this.#lastMs = nowMs;
    return nowMs + this.#behindMs;
  }
}

/** A message that is sent, or recognized. */
interface Fresh {
  readonly message: KeyedMessage;
  /** MD5 of its key. */
  readonly key: string;
  readonly answer: PromiseWithResolvers<SentOnce>;
}

function periodOf(timeMs: number): number {
  return Math.floor(timeMs / LIFE_MS);
}

function periodText(period: number): string {
  return String(period).padStart(PERIOD_DIGITS, '0');
}
