import assert from 'node:assert/strict';
import type { Catalog, Table, Transaction } from '../../src/engine/catalog.ts';
import type {
  AppendAnswer,
  AppendRequest,
  Appended,
  CommitAnswer,
  CommitRequest,
  Engine,
  LogBounds,
  LogId,
  RecordBatch,
} from '../../src/engine/engine.ts';
import { RecordPacker, unpack } from '../../src/engine/packed-records.ts';
import type { DiskTable, RowRange, Tables } from '../../src/engine/tables.ts';
import type { Clock } from '../../src/support/clock.ts';
import type { Random } from '../engine/simulation/random.ts';

type Rows = Map<string, object>;

interface MemoryLog {
  first: number;
  readonly records: Buffer[];
  /** When each arrived. */
  readonly arrivalsMs: number[];
}

/** What a killed process leaves. */
export class MemoryDisk {
  readonly logs: MemoryLog[] = [];
  readonly #tables = new Map<string, Rows>();

  log(id: LogId): MemoryLog {
    const log = this.logs[id];
    assert(log !== undefined);
    return log;
  }

  rows(table: string): Rows {
    let rows = this.#tables.get(table);
    if (rows === undefined) this.#tables.set(table, (rows = new Map()));
    return rows;
  }
}

/** Changes that nobody sees until they are durable. */
class Draft {
  readonly #below: Draft | undefined;
  readonly #disk: MemoryDisk;
  readonly #rows = new Map<string, readonly [table: string, key: string, row: object | null]>();
  readonly #records: (readonly [log: LogId, record: Buffer, arrivalMs: number])[] = [];

  constructor(disk: MemoryDisk, below?: Draft) {
    this.#disk = disk;
    this.#below = below;
  }

  get(table: string, key: string): object | undefined {
    const change = this.#rows.get(`${table}\0${key}`);
    if (change !== undefined) return change[2] ?? undefined;
    return this.#below === undefined ? this.#disk.rows(table).get(key) : this.#below.get(table, key);
  }

  set(table: string, key: string, row: object | null): void {
    this.#rows.set(`${table}\0${key}`, [table, key, row]);
  }

  nextIndex(log: LogId): number {
    const below = this.#below?.nextIndex(log) ?? this.#disk.log(log).records.length;
    return below + this.#records.filter(([of]) => of === log).length;
  }

  append(log: LogId, record: Buffer, arrivalMs: number): void {
    this.#records.push([log, record, arrivalMs]);
  }

  /** Into the draft below, or onto the disk. */
  apply(): void {
    for (const [log, record, arrivalMs] of this.#records) {
      if (this.#below !== undefined) this.#below.append(log, record, arrivalMs);
      else {
        this.#disk.log(log).records.push(record);
        this.#disk.log(log).arrivalsMs.push(arrivalMs);
      }
    }
    for (const [table, key, row] of this.#rows.values()) {
      if (this.#below !== undefined) this.#below.set(table, key, row);
      else if (row === null) this.#disk.rows(table).delete(key);
      else this.#disk.rows(table).set(key, row);
    }
  }
}

interface Work {
  stage(frame: Draft): void;
  finish(): void;
  fail(error: unknown): void;
}

/**
 * An engine in memory with the promises of the real one that the queue relies on: a frame of commits is durable as a
 * whole or not, commits are in order, reads see what is durable. Its answers take any number of turns of the event
 * loop, so that whatever can come between them does; a kill loses what is not durable.
 */
export class MemoryEngine implements Engine {
  readonly catalog: Catalog;
  readonly tables: Tables;
  readonly #disk: MemoryDisk;
  readonly #random: Random;
  readonly #clock: Pick<Clock, 'now'>;
  #works: Work[] = [];
  #running: Promise<void> | undefined;
  #isKilled = false;

  constructor(disk: MemoryDisk, random: Random, clock: Pick<Clock, 'now'> = { now: () => 0 }) {
    this.#disk = disk;
    this.#random = random;
    this.#clock = clock;
    this.catalog = {
      table: (name) => this.#table(name),
      commit: async (change) => {
        const { result } = await this.commit({ change });
        // Without a key nothing is a repeat.
        return result as ReturnType<typeof change>;
      },
    };
    this.tables = { open: (name) => this.#diskTable(name) };
  }

  /** Nothing that it does reaches the disk any more. */
  kill(): void {
    this.#isKilled = true;
  }

  async createLogs(count: number): Promise<LogId[]> {
    await this.#pause();
    return Array.from(
      { length: count },
      () => this.#disk.logs.push({ first: 0, records: [], arrivalsMs: [] }) - 1,
    );
  }

  append(request: AppendRequest): Promise<AppendAnswer> {
    return this.commit(request);
  }

  commit<Result = void>({ batches = [], change }: CommitRequest<Result>): Promise<CommitAnswer<Result>> {
    return new Promise((resolve, reject) => {
      let appended: Appended[] = [];
      let result: Result | undefined;
      this.#works.push({
        stage: (frame) => {
          const draft = new Draft(this.#disk, frame);
          appended = [];
          const arrivalMs = this.#clock.now();
          for (const { log, records } of batches) {
            appended.push({ log, firstIndex: draft.nextIndex(log), arrivalMs });
            unpack(records, (_ordinal, offset, length) =>
              draft.append(log, Buffer.from(records.bytes.slice(offset, offset + length)), arrivalMs),
            );
          }
          result = change?.(transactionOf(draft), appended);
          draft.apply();
        },
        finish: () => resolve({ batches: appended, repeated: false, flags: 0, result }),
        fail: reject,
      });
      this.#running ??= this.#run();
    });
  }

  async read(id: LogId, from: number): Promise<readonly RecordBatch[]> {
    await this.#pause();
    const log = this.#disk.log(id);
    const firstIndex = Math.max(from, log.first);
    const record = log.records[firstIndex];
    if (record === undefined) return [];
    const packer = new RecordPacker();
    packer.add(record);
    return [{ ...packer.finish(), firstIndex, arrivalMs: log.arrivalsMs[firstIndex] ?? 0 }];
  }

  bounds(id: LogId): LogBounds {
    const { first, records } = this.#disk.log(id);
    return { firstIndex: first, nextIndex: records.length, lastArrivalMs: 0, sealed: false };
  }

  async trim(id: LogId, before: number): Promise<void> {
    await this.#pause();
    const log = this.#disk.log(id);
    if (!this.#isKilled) log.first = Math.max(log.first, before);
  }

  async locate(id: LogId, timeMs: number): Promise<number> {
    await this.#pause();
    const { arrivalsMs } = this.#disk.log(id);
    const index = arrivalsMs.findIndex((arrivalMs) => arrivalMs >= timeMs);
    return index === -1 ? arrivalsMs.length : index;
  }

  async close(): Promise<void> {
    await this.#running;
  }

  recall = unused;
  waitFor = unused;
  seal = unused;
  drop = unused;
  findFailure = unused;

  async #run(): Promise<void> {
    await this.#pause();
    while (this.#works.length > 0) {
      const frame = new Draft(this.#disk);
      const staged: Work[] = [];
      for (const work of this.#works.splice(0)) {
        try {
          work.stage(frame);
          staged.push(work);
        } catch (error) {
          work.fail(error);
        }
      }
      await this.#pause();
      // A frame that was under way at the kill may be on disk all the same.
      const isLost = this.#isKilled;
      if (!isLost) frame.apply();
      for (const work of staged) {
        if (isLost) work.fail(new Error('killed'));
        else work.finish();
      }
    }
    this.#running = undefined;
  }

  async #pause(): Promise<void> {
    for (let turns = this.#random.below(4); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
    await Promise.resolve();
  }

  #table<Row extends object>(name: string): Table<Row> {
    const rows = this.#disk.rows(name);
    return {
      name,
      storage: 'memory',
      // A table has rows of one type.
      get: (key) => rows.get(key) as Row | undefined,
      entries: (prefix) => sorted<Row>(rows, prefix === undefined ? {} : { prefix }).values(),
      get size() {
        return rows.size;
      },
    };
  }

  #diskTable<Row extends object>(name: string): DiskTable<Row> {
    const rows = this.#disk.rows(name);
    const pause = (): Promise<void> => this.#pause();
    return {
      name,
      storage: 'disk',
      async get(key) {
        await pause();
        return rows.get(key) as Row | undefined;
      },
      async *entries(range = {}) {
        let left = range.limit ?? Infinity;
        let from = range;
        while (left > 0) {
          await pause();
          const found = sorted<Row>(rows, from).slice(0, Math.min(left, 3));
          await pause();
          yield* found;
          const last = found.at(-1);
          if (last === undefined) return;
          left -= found.length;
          from = { ...range, after: last[0] };
        }
      },
    };
  }
}

function unused(): never {
  throw new Error('queues do not use this');
}

function transactionOf(draft: Draft): Transaction {
  return {
    get: <Row extends object>(table: Table<Row>, key: string) =>
      draft.get(table.name, key) as Row | undefined,
    entries: unused,
    put: (table, key, row) => draft.set(table.name, key, row),
    delete: (table, key) => draft.set(table.name, key, null),
  };
}

/** All keys of these tests are of ASCII characters. */
function sorted<Row extends object>(rows: Rows, range: RowRange): [string, Row][] {
  const { from = '', after, before, prefix = '' } = range;
  return [...rows.entries()]
    .filter(([key]) => key >= from && key.startsWith(prefix))
    .filter(([key]) => (after === undefined || key > after) && (before === undefined || key < before))
    .sort(([left], [right]) => (left < right ? -1 : 1)) as [string, Row][];
}
