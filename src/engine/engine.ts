import { DamagedDataError, NoSpaceError } from '../errors.ts';
import type { Catalog, Transaction } from './catalog.ts';
import type { Tables } from './tables.ts';

/**
 * Where truth is kept: logs (append-only, ordered, trimmed from the front), a catalog (small durable
 * tables in memory) and tables on disk.
 * Knows no service: a shard is a log, a metric may be one. `docs/architecture.md` tells the whole.
 *
 * Promises, checked by test/engine/contract.ts over every implementation:
 * - an appended record is durable when `append` resolves, and seen by every later read; none is seen before;
 * - one order per log, indexes rise by one from 0, in the order of the `append` calls;
 * - all that one `commit` or `append` holds (batches and rows) is stored or none of it, also through a crash;
 * - nothing is appended after `seal`; what `trim` or `drop` took never reappears.
 */
export interface EngineFailure {
  readonly kind: 'no space' | 'write failed';
  /** A description for the operator of the server. */
  readonly message: string;
}

export interface Engine {
  readonly catalog: Catalog;

  /** Tables that need not fit into memory. */
  readonly tables: Tables;

  /** Numbers for new logs, never given out before. A log exists from its first append on; an unused one costs nothing. */
  createLogs(count: number): Promise<LogId[]>;

  /** Throws LogSealedError, EngineFullError (no space left), EngineBusyError (bound of bytes in flight reached). */
  append(request: AppendRequest): Promise<AppendAnswer>;

  /**
   * Appends to logs and changes rows of tables in one atomic step: all of it becomes durable and visible together, or
   * nothing does. Throws what `append` throws, and whatever `change` throws.
   */
  commit<Result = void>(request: CommitRequest<Result>): Promise<CommitAnswer<Result>>;

  /** The answer to an earlier request with this key; undefined when there was none. */
  recall(key: IdempotencyKey): Promise<AppendAnswer | undefined>;

  /**
   * Records from `from` on (an index below the oldest kept one reads from that), none when at the tail. Ends before
   * damaged records; throws DamagedRecordsError when the first one wanted is damaged. What lies behind can be read.
   */
  read(log: LogId, from: number, limits: ReadLimits): Promise<readonly RecordBatch[]>;

  /** Resolves when the log's tail is above `index`, or it is sealed or dropped, or the signal aborts. */
  waitFor(log: LogId, index: number, signal: AbortSignal): Promise<void>;

  /** Facts of a log as durable now. An unknown one is empty. */
  bounds(log: LogId): LogBounds;

  /** The index of the first record that arrived at or after `timeMs`; the tail when there is none. */
  locate(log: LogId, timeMs: number): Promise<number>;

  /** Forgets records below `before`, at once for readers; the disk follows. Durable when it resolves. */
  trim(log: LogId, before: number): Promise<void>;

  /** No append succeeds after this; resolves with the final tail once all earlier appends are durable. */
  seal(log: LogId): Promise<number>;

  /** Forgets the log and all its records. */
  drop(log: LogId): Promise<void>;

  /**
   * What keeps the engine from writing; undefined when nothing does. After a failure it tries a small write, so that it
   * notices the end of the failure although nobody writes.
   */
  findFailure(): Promise<EngineFailure | undefined>;

  /** Waits for appends under way, then releases the data folder. */
  close(): Promise<void>;
}

export type LogId = number;

export interface AppendRequest {
  readonly batches: readonly AppendBatch[];
  /**
   * Identifies this request: a repeat of it (same id, same digest, within the lifetime that limits.ts sets, also
   * after a restart) stores nothing and resolves with the first answer. Same id with another digest: a new request.
   */
  readonly idempotencyKey?: IdempotencyKey;
  /** A byte that is stored with the key, for what a repeat must know about the request besides its answer. */
  readonly flags?: number;
}

export interface CommitRequest<Result> extends Omit<AppendRequest, 'batches'> {
  readonly batches?: readonly AppendBatch[];
  /**
   * Changes rows, as in Catalog.commit. `appended` says where the batches' records will lie, in the order of the
   * batches. Not called for a repeat; called again when the commit has to be put into a later frame.
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
 * Records as they lie on disk, one after another: a 32-bit little-endian length, then so many bytes of payload.
 * Made by RecordPacker, walked by `unpack` (packed-records.ts). One object for many records, on purpose.
 */
export interface PackedRecords {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Their division into runs, when it is known already. */
  readonly runs?: readonly RecordRun[];
}

/** Consecutive records with a checksum of their own: a damaged byte on disk costs one run. */
export interface RecordRun {
  readonly count: number;
  readonly bytes: number;
  /** CRC-32. */
  readonly crc: number;
}

export interface AppendAnswer {
  /** In the order of the request's batches. */
  readonly batches: readonly Appended[];
  /** Whether an earlier request with the same key stored it, or one under way did: then this is the answer to that one. */
  readonly repeated: boolean;
  /** Of the request that stored it; 0 when it gave none. */
  readonly flags: number;
}

export interface CommitAnswer<Result> extends AppendAnswer {
  /** What `change` returned; undefined without one, and for a repeat. */
  readonly result: Result | undefined;
}

export interface BatchArrival {
  /** Index of the batch's first record; the others follow it. */
  readonly firstIndex: number;
  /** When it arrived, by the engine's clock; never falls within a log. */
  readonly arrivalMs: number;
}

export interface Appended extends BatchArrival {
  readonly log: LogId;
}

export interface RecordBatch extends PackedRecords, BatchArrival {}

/** Records of a log that something is to be said about. */
export interface RecordRange {
  readonly log: LogId;
  readonly firstIndex: number;
  readonly count: number;
  /** When all of them arrived; undefined when they differ, or when it is lost with them. */
  readonly arrivalMs?: number;
  /** When the record before them arrived, where that is known. */
  readonly previousArrivalMs?: number;
}

/**
 * Says what records are to a user: `stream orders, shard shardId-000000000000, sequence numbers 49 to 51`. The engine
 * knows logs only; the services that own them know the rest. Undefined for a log that nobody owns.
 */
export type DescribeRecords = (catalog: Pick<Catalog, 'table'>, records: RecordRange) => string | undefined;

/** Whichever is reached first ends a read; one record is always given, however large. */
export interface ReadLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

export interface LogBounds {
  /** Index of the oldest record still kept; equals `nextIndex` when there is none. */
  readonly firstIndex: number;
  /** Index that the next record will get: the tail. */
  readonly nextIndex: number;
  /** Arrival of the newest record ever appended; 0 when there was none. */
  readonly lastArrivalMs: number;
  readonly sealed: boolean;
}

export class LogSealedError extends Error {
  override readonly name = 'LogSealedError';
}

/** Records that are stored, and damaged on disk. */
export class DamagedRecordsError extends DamagedDataError {
  override readonly name = 'DamagedRecordsError';
  readonly records: RecordRange;

  constructor(records: RecordRange, subject: string) {
    super(`What is stored is damaged: ${subject}. Records before and after these can be read.`);
    this.records = records;
  }
}

export class EngineFullError extends NoSpaceError {
  override readonly name = 'EngineFullError';
}

export class EngineBusyError extends Error {
  override readonly name = 'EngineBusyError';
}
