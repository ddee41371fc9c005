import { randomUUID } from 'node:crypto';
import { KeyedLock } from '../../support/keyed-lock.ts';
import { CatalogCheckpoints, startingPositions } from '../../consumers/checkpoints.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { WorkSpans } from '../../support/work-spans.ts';
import type { Table } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import { differences } from '../../declarations/plan.ts';
import { listLogLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { ObjectStore } from '../s3/object-store.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { declaredTwice, invalidParameter, limitExceeded, listLogInUse, listLogNotFound } from './errors.ts';
import { LineFormatError, lineFormat } from './line-format.ts';
import type { ListLogRow } from './rows.ts';
import { RunningLog } from './running-log.ts';

export interface ListLogsOptions {
  readonly engine: Engine;
  readonly streams: StreamSource;
  /** Where list logs without an endpoint write. */
  readonly store: ObjectStore;
  /** Any other S3. */
  readonly remoteStores: { open(endpoint: string, region: string | undefined): Promise<ObjectStore> };
  readonly metrics: MetricRegistry;
  readonly clock: Clock;
  readonly log: Log;
  readonly spans?: WorkSpans | undefined;
}

export type NewListLog = Omit<ListLogRow, 'id' | 'createdMs' | 'written'>;

/** Creates, finds, deletes and runs list logs. */
export class ListLogs {
  readonly #options: ListLogsOptions;
  readonly #table: Table<ListLogRow>;
  readonly #running = new Map<string, RunningLog>();
  readonly #shardLocks = new KeyedLock();

  constructor(options: ListLogsOptions) {
    this.#options = options;
    this.#table = options.engine.catalog.table('listlog.logs');
  }

  /** Starts the existing list logs. */
  start(): void {
    for (const [, row] of this.#table.entries()) this.#begin(row);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.close()));
    this.#running.clear();
  }

  failingCount(): number {
    return [...this.#running.values()].filter(({ info }) => info.failure !== undefined).length;
  }

  get(name: string): { readonly row: ListLogRow; readonly running: RunningLog | undefined } {
    const row = this.#table.get(name);
    if (row === undefined) throw listLogNotFound(name);
    return { row, running: this.#running.get(name) };
  }

  /** Ordered by name. */
  list(): ListLogRow[] {
    return [...this.#table.entries()].map(([, row]) => row);
  }

  stream(row: ListLogRow) {
    return this.#options.streams.describe(row.stream);
  }

  /**
   * Throws InvalidParameterValue, ResourceInUse, LimitExceeded. Creates the bucket if it does not exist in the
   * embedded S3.
   */
  async create(made: NewListLog): Promise<ListLogRow> {
    const { engine, streams, store, clock } = this.#options;
    checkFormat(made);
    this.#refuseTaken(made);
    if (made.endpoint === undefined) await store.createBucket(made.bucket);
    const row: ListLogRow = { ...made, id: randomUUID(), createdMs: clock.now(), written: false };
    const stream = streams.describe(row.stream);
    const starts =
      stream === undefined || row.startingPosition.type !== 'LATEST'
        ? undefined
        : await startingPositions(streams, stream, row.startingPosition);
    await engine.catalog.commit((transaction) => {
      for (const [, other] of transaction.entries(this.#table)) refuseSame(made, other);
      transaction.put(this.#table, row.name, row);
      if (stream !== undefined && starts !== undefined) this.#starts(row).begin(transaction, stream, starts);
    });
    this.#begin(row);
    return row;
  }

  has(name: string): boolean {
    return this.#table.get(name) !== undefined;
  }

  /** Says what `declare` would do, and throws the errors that it would; `others` are declared as well. */
  check(
    declared: NewListLog,
    others: readonly (Target & { readonly name: string })[],
  ): { readonly action: 'create' | 'change' | 'leave'; readonly details?: string } {
    checkFormat(declared);
    const row = this.#table.get(declared.name);
    if (row === undefined) this.#refuseTaken(declared);
    else refuseOtherTarget(row, declared);
    for (const other of others) {
      if (isSameObject(other, declared)) throw declaredTwice(other.name, other);
    }
    if (row === undefined) {
      return { action: 'create', details: `${declared.stream} to s3://${declared.bucket}/${declared.key}` };
    }
    const details = changesOf(row, declared);
    return details === '' ? { action: 'leave' } : { action: 'change', details };
  }

  /** Like `create`, for nagare.yaml; an existing list log with the same target gets the new format. */
  async declare(declared: NewListLog): Promise<void> {
    const row = this.#table.get(declared.name);
    if (row === undefined) {
      await this.create(declared);
      return;
    }
    refuseOtherTarget(row, declared);
    checkFormat(declared);
    if (changesOf(row, declared) === '') return;
    await this.#running.get(row.name)?.close();
    const { format, timeZone, region } = declared;
    const { region: _before, ...kept } = row;
    const changed = { ...kept, format, timeZone, ...(region === undefined ? {} : { region }) };
    await this.#save(changed);
    this.#begin(changed);
  }

  /** Deletes the list log but not its object. */
  async delete(name: string): Promise<void> {
    const { row } = this.get(name);
    await this.#running.get(name)?.close();
    this.#running.delete(name);
    await this.#options.engine.catalog.commit((transaction) => {
      transaction.delete(this.#table, name);
      this.#starts(row).end(transaction);
    });
  }

  #begin(row: ListLogRow): void {
    const { streams, store, remoteStores, metrics, clock, log, spans } = this.#options;
    const { endpoint, region } = row;
    const running = new RunningLog({
      row,
      store: () => (endpoint === undefined ? Promise.resolve(store) : remoteStores.open(endpoint, region)),
      streams,
      starts: this.#starts(row),
      shardLocks: this.#shardLocks,
      metrics,
      clock,
      log,
      spans,
      onFirstWrite: () => this.#save({ ...row, written: true }),
    });
    this.#running.set(row.name, running);
    running.start();
  }

  async #save(row: ListLogRow): Promise<void> {
    await this.#options.engine.catalog.commit((transaction) => {
      if (transaction.get(this.#table, row.name)?.id === row.id) transaction.put(this.#table, row.name, row);
    });
  }

  #starts(row: ListLogRow): CatalogCheckpoints {
    return new CatalogCheckpoints(this.#options.engine.catalog, `listlog/${row.id}`);
  }

  #refuseTaken(made: NewListLog): void {
    if (this.#table.size >= listLogLimits.listLogsMax)
      throw limitExceeded(`There are ${listLogLimits.listLogsMax} list logs already.`);
    for (const [, other] of this.#table.entries()) refuseSame(made, other);
  }
}

/** Throws if the name is taken, or if the object already has a writer. */
function refuseSame(made: NewListLog, other: ListLogRow): void {
  if (made.name === other.name) throw listLogInUse(`The list log ${made.name} already exists.`);
  if (isSameObject(made, other)) {
    throw listLogInUse(`The list log ${other.name} already writes s3://${made.bucket}/${made.key}.`);
  }
}

interface Target {
  readonly bucket: string;
  readonly key: string;
  readonly endpoint?: string | undefined;
}

function isSameObject(made: Target, other: Target): boolean {
  return made.bucket === other.bucket && made.key === other.key && made.endpoint === other.endpoint;
}

/** Describes what a declaration would change in an existing list log. */
function changesOf(row: ListLogRow, declared: NewListLog): string {
  return differences({
    format: [row.format, declared.format],
    timeZone: [row.timeZone, declared.timeZone],
    region: [row.region, declared.region],
  });
}

function refuseOtherTarget(row: ListLogRow, declared: NewListLog): void {
  for (const name of ['stream', 'bucket', 'key', 'endpoint'] as const) {
    if (row[name] === declared[name]) continue;
    throw invalidParameter(
      `the list log ${row.name} was created with ${name} ${row[name]} but is declared with ${declared[name]}: declare it under another name, or remove the declaration, start, and delete it (nagare list-log delete)`,
    );
  }
}

function checkFormat(made: NewListLog): void {
  try {
    lineFormat(made.format, made.timeZone);
  } catch (error) {
    if (error instanceof LineFormatError)
      throw invalidParameter(`The line format is not valid: ${error.message}.`);
    throw error;
  }
}
