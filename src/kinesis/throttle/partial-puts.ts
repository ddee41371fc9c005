import type { Table } from '../../engine/catalog.ts';
import type { AppendBatch, Engine, LogId } from '../../engine/engine.ts';
import { RecordPacker, unpack } from '../../engine/packed-records.ts';
import { limits } from '../../limits.ts';
import type { Clock } from '../../support/clock.ts';

interface NotesRow {
  readonly log: LogId;
}

const KEY = 'log';
/** Of a record's stored payload: a byte for each record of the call. */
const STORED = 1;

/**
 * Notes on which records of a call were stored when limits refused the others: for the answer to its repeat. A note
 * lies in a log of its own and is appended with the records, in the same step.
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

  /** The batch to be appended as the last one. */
  async note(stored: readonly boolean[]): Promise<AppendBatch> {
    this.#log ??= this.#open();
    const log = await this.#log;
    await this.#trim(log);
    const packer = new RecordPacker();
    packer.add(Uint8Array.from(stored, (admitted) => (admitted ? STORED : 0)));
    return { log, records: packer.finish() };
  }

  /** Undefined when it is not there any more. */
  async read(index: number): Promise<boolean[] | undefined> {
    const row = this.#table.get(KEY);
    if (row === undefined) return undefined;
    const [batch] = await this.#engine.read(row.log, index, { maxRecords: 1, maxBytes: 1 });
    if (batch?.firstIndex !== index) return undefined;
    let stored: boolean[] = [];
    unpack(batch, (_ordinal, offset, length) => {
      stored = Array.from(batch.bytes.subarray(offset, offset + length), (byte) => byte === STORED);
      return false;
    });
    return stored;
  }

  async #open(): Promise<LogId> {
    const present = this.#table.get(KEY);
    if (present !== undefined) return present.log;
    const [log] = await this.#engine.createLogs(1);
    if (log === undefined) throw new Error('the engine gave no log');
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#table, KEY, { log }));
    return log;
  }

  /** Frees what no repeat will ask for, now and then. */
  async #trim(log: LogId): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#trimmedMs < limits.kinesisPartialPutLifeMs) return;
    this.#trimmedMs = nowMs;
    await this.#engine.trim(log, await this.#engine.locate(log, nowMs - 2 * limits.kinesisPartialPutLifeMs));
  }
}
