import type { Table } from '../../../engine/catalog.ts';
import type { AppendBatch, Engine, LogId } from '../../../engine/engine.ts';
import { RecordPacker, unpack } from '../../../engine/packed-records.ts';
import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';

interface NotesRow {
  readonly log: LogId;
}

const KEY = 'log';

/** Whether a record was stored, and in which shard. */
export interface RecordOutcome<Shard> {
  readonly shard: Shard;
  readonly stored: boolean;
}

/** The size of a record's entry: a u32, twice the index of its shard, plus 1 if it was stored. */
const OUTCOME_BYTES = 4;

/**
 * Remembers which records of a call were stored when limits refused the others, to answer a retry. An entry is in a
 * log of its own and is appended in the same commit as the records.
 */
export class PartialPuts {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #table: Table<NotesRow>;
  #log: Promise<LogId> | undefined;
  #trimmedMs = 0;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#table = engine.catalog.table<NotesRow>('kinesis.partial-puts');
  }

  /** Returns a function that makes the batch to be appended last. */
  async prepare(): Promise<(outcomes: readonly RecordOutcome<{ readonly index: number }>[]) => AppendBatch> {
    this.#log ??= this.#open();
    const log = await this.#log;
    await this.#trim(log);
    return (outcomes) => {
      const note = Buffer.allocUnsafe(outcomes.length * OUTCOME_BYTES);
      for (const [ordinal, { shard, stored }] of outcomes.entries()) {
        note.writeUInt32LE(shard.index * 2 + (stored ? 1 : 0), ordinal * OUTCOME_BYTES);
      }
      const packer = new RecordPacker();
      packer.add(note);
      return { log, records: packer.finish() };
    };
  }

  /** Shards are given by index. Undefined if the entry no longer exists. */
  async read(index: number): Promise<RecordOutcome<number>[] | undefined> {
    const row = this.#table.get(KEY);
    if (row === undefined) return undefined;
    const [batch] = await this.#engine.read(row.log, index, { maxRecords: 1, maxBytes: 1 });
    if (batch?.firstIndex !== index) return undefined;
    const outcomes: RecordOutcome<number>[] = [];
    unpack(batch, (_ordinal, offset, length) => {
      const note = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + offset, length);
      for (let at = 0; at < length; at += OUTCOME_BYTES) {
        const word = note.readUInt32LE(at);
        outcomes.push({ shard: word >>> 1, stored: word % 2 === 1 });
      }
      return false;
    });
    return outcomes;
  }

  async #open(): Promise<LogId> {
    const present = this.#table.get(KEY);
    if (present !== undefined) return present.log;
    const [log] = await this.#engine.createLogs(1);
    if (log === undefined) throw new Error('the engine created no log');
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#table, KEY, { log }));
    return log;
  }

  /** Trims entries that no retry will need, from time to time. */
  async #trim(log: LogId): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#trimmedMs < kinesisLimits.partialPutLifeMs) return;
    this.#trimmedMs = nowMs;
    await this.#engine.trim(log, await this.#engine.locate(log, nowMs - 2 * kinesisLimits.partialPutLifeMs));
  }
}
