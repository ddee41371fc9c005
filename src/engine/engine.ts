import { DamagedDataError, NoSpaceError, UnavailableError } from '../errors.ts';
import type { Catalog, Transaction } from './catalog.ts';
import type { Tables } from './tables.ts';

/**
 * Storage for logs (append-only, ordered, trimmed from the front), a catalog (small durable tables in memory) and
 * tables on disk. It knows nothing of services: a shard is a log, a metric may be one. See `docs/architecture.md`.
 * Guarantees, checked by test/engine/contract.ts for every implementation:
 * - an appended record is durable when `append` resolves, and every later read sees it; no read sees it before;
 * - each log has one order: indexes rise by one from 0, in the order of the `append` calls;
 * - the batches and rows of one `commit` or `append` are stored all or none, also through a crash;
 * - nothing is appended after `seal`; what `trim` or `drop` removed never reappears.
 */
export interface EngineFailure {
  readonly kind: 'no space' | 'write failed';
  /** A description for the operator of the server. */
  readonly message: string;
}

export interface Engine {
  readonly catalog: Catalog;

  /** Tables that may exceed memory. */
  readonly tables: Tables;

  /**
   * Returns numbers for new logs, never used before. A log exists from its first append on; an unused one costs
   * nothing.
   */
  createLogs(count: number): Promise<LogId[]>;

  /** Throws LogSealedError, EngineFullError (disk full), EngineBusyError (too many bytes in flight). */
  append(request: AppendRequest): Promise<AppendAnswer>;

  /**
   * Appends to logs and changes rows of tables in one atomic step: all of it becomes durable and visible together, or
   * nothing does. Throws the errors of `append`, and whatever `change` throws.
   */
  commit<Result = void>(request: CommitRequest<Result>): Promise<CommitAnswer<Result>>;

  /** The answer to an earlier request with this key; undefined when there was none. */
  recall(key: IdempotencyKey): Promise<AppendAnswer | undefined>;

  /**
   * Reads records from `from` on (from the oldest kept one if that is later); empty at the tail. Stops before damaged
   * records; throws DamagedRecordsError when the first one wanted is damaged. Records after the damage can be read.
   */
  read(log: LogId, from: number, limits: ReadLimits): Promise<readonly RecordBatch[]>;

  /** Resolves when the log's tail exceeds `index`, when the log is sealed or dropped, or when the signal aborts. */
  waitFor(log: LogId, index: number, signal: AbortSignal): Promise<void>;

  /** The durable bounds of a log. An unknown log is empty. */
  bounds(log: LogId): LogBounds;

  /** The index of the first record that arrived at or after `timeMs`; the tail when there is none. */
  locate(log: LogId, timeMs: number): Promise<number>;

  /** Removes the records below `before`: immediately for readers, later on disk. Durable when it resolves. */
  trim(log: LogId, before: number): Promise<void>;

  /** Ends the log: later appends fail. Resolves with the final tail once all earlier appends are durable. */
  seal(log: LogId): Promise<number>;

  /** Removes the log with all its records. */
  drop(log: LogId): Promise<void>;

  /**
   * What keeps the engine from writing; undefined when nothing does. After a failure it tries a small write, so that it
   * notices the end of the failure although nobody writes.
   */
  findFailure(): Promise<EngineFailure | undefined>;

  /** Waits for appends in progress, then releases the data folder. */
  close(): Promise<void>;
}

export type LogId = number;

export interface AppendRequest {
  readonly batches: readonly AppendBatch[];
  /**
   * Identifies this request. A repeat (same id, same digest, within the lifetime set in limits.ts, also after a
   * restart) stores nothing and resolves with the first answer. The same id with another digest is a new request.
   */
  readonly idempotencyKey?: IdempotencyKey;
  /** A byte stored with the key, for what a repeat needs to know about the request besides its answer. */
  readonly flags?: number;
}

export interface CommitRequest<Result> extends Omit<AppendRequest, 'batches'> {
  readonly batches?: readonly AppendBatch[];
  /**
   * Changes rows, as in Catalog.commit. `appended` has the places of the batches' records, in the order of the batches.
   * Not called for a repeat; called again when the commit moves to a later frame.
   */
  readonly change?: (transaction: Transaction, appended: readonly Appended[]) => Result;
}

export interface IdempotencyKey {
  readonly id: Uint8Array;
  readonly digest: Uint8Array;
}

export interface AppendBatch {
  readonly log: LogId;
  readonly records: PackedRecords;
}

/**
 * Records in their disk format, one after another: a 32-bit little-endian length, then the payload. Made by
 * RecordPacker, iterated by `unpack` (packed-records.ts). One object holds many records on purpose.
 */
export interface PackedRecords {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Their division into runs, if it is known. */
  readonly runs?: readonly RecordRun[];
}

/** Consecutive records with a common checksum: a damaged byte on disk loses one run. */
export interface RecordRun {
  readonly count: number;
  readonly bytes: number;
  /** CRC-32. */
  readonly crc: number;
}

export interface AppendAnswer {
  /** In the order of the request's batches. */
  readonly batches: readonly Appended[];
  /**
   * Whether an earlier request with the same key, or one in progress, stored it: then this is that request's answer.
   */
  readonly repeated: boolean;
  /** Flags of the request that stored it; 0 when it gave none. */
  readonly flags: number;
}

export interface CommitAnswer<Result> extends AppendAnswer {
  /** The result of `change`; undefined without one, and for a repeat. */
  readonly result: Result | undefined;
}

export interface BatchArrival {
  /** Index of the batch's first record; the others follow it. */
  readonly firstIndex: number;
  /** Arrival time by the engine's clock; never decreases within a log. */
  readonly arrivalMs: number;
}

export interface Appended extends BatchArrival {
  readonly log: LogId;
}

export interface RecordBatch extends PackedRecords, BatchArrival {}

/** A range of records that a message is about. */
export interface RecordRange {
  readonly log: LogId;
  readonly firstIndex: number;
  readonly count: number;
  /** Their arrival if all have the same one; undefined when it differs or is lost. */
  readonly arrivalMs?: number;
  /** Arrival of the record before them, if known. */
  readonly previousArrivalMs?: number;
}

/**
 * Describes records to a user: `stream orders, shard shardId-000000000000, sequence numbers 49 to 51`. The engine knows
 * only logs; the services that own them know the rest. Undefined for a log without an owner.
 */
export type DescribeRecords = (catalog: Pick<Catalog, 'table'>, records: RecordRange) => string | undefined;

/** A read ends at the first limit that it reaches; it always returns at least one record, however large. */
export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface LogBounds {
  /** Index of the oldest kept record; equals `nextIndex` when there is none. */
  readonly firstIndex: number;
  /** Index of the next record: the tail. */
  readonly nextIndex: number;
  /** Arrival of the newest record ever appended; 0 when there was none. */
  readonly lastArrivalMs: number;
  readonly sealed: boolean;
}

export class LogSealedError extends Error {
  override readonly name = 'LogSealedError';
}

/** Stored records are damaged on disk. */
export class DamagedRecordsError extends DamagedDataError {
  override readonly name = 'DamagedRecordsError';
  readonly records: RecordRange;

  constructor(records: RecordRange, subject: string) {
    super(`Stored data is damaged: ${subject}. Records before and after these can be read.`);
    this.records = records;
  }
}

export class EngineFullError extends NoSpaceError {
  override readonly name = 'EngineFullError';
}

export class EngineBusyError extends Error {
  override readonly name = 'EngineBusyError';
}

/** Another machine owns the shared log, or none does: the request may succeed there, or here later. */
export class NotOwnerError extends UnavailableError {
  override readonly name = 'NotOwnerError';
}
