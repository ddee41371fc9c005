import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import type { Catalog, Transaction } from '../catalog.ts';
import {
  type AppendAnswer,
  type Appended,
  type AppendRequest,
  type CommitAnswer,
  type CommitRequest,
  EngineFullError,
  type Engine,
  type EngineFailure,
  type IdempotencyKey,
  type LogBounds,
  type NotOwnerError,
  type LogId,
  type ReadLimits,
  type RecordBatch,
} from '../engine.ts';
import type { Committer } from './write/committer.ts';
import type { GroupCommit } from './write/group-commit.ts';
import { EngineClosedError } from './errors.ts';
import type { Journal } from './write/journal.ts';
import type { DurableWatermark } from './write/durable-watermark.ts';
import { catalogOf } from './memory-tables.ts';
import type { LogReader } from './read/reader.ts';
import type { Reclaimer } from './reclaim/reclaimer.ts';
import type { SegmentReaders } from './read/sealed-segment.ts';
import type { State } from './state.ts';
import type { Tables } from '../tables.ts';
import { diskTables } from './tables/disk-tables.ts';
import type { RowReader } from './tables/row-reader.ts';
import type { TableUpkeep } from './tables/upkeep.ts';
import { fingerprint, type Fingerprint } from './format/fingerprint.ts';
import type { TailCache } from './read/tail-cache.ts';
import type { IdempotencyKeys } from './write/idempotency-keys.ts';

export interface EngineDependencies {
  /** Why changes are refused: another process owns the shared log. */
  readonly refusal?: (() => NotOwnerError | undefined) | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly state: State;
  readonly mark: DurableWatermark;
  readonly journal: Journal;
  readonly committer: Committer;
  readonly cache: TailCache;
  readonly segments: SegmentReaders;
  readonly reader: LogReader;
  readonly keys: IdempotencyKeys;
  readonly reclaimer: Reclaimer;
  readonly upkeep: TableUpkeep;
  readonly rowReader: RowReader;
}

const NO_BOUNDS: LogBounds = { firstIndex: 0, nextIndex: 0, lastArrivalMs: 0, sealed: false };

/** The Engine on nagare's own files; `open.ts` assembles its parts. */
export class EmbeddedEngine implements Engine {
  readonly catalog: Catalog;
  readonly tables: Tables;
  readonly #dependencies: EngineDependencies;
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  constructor(dependencies: EngineDependencies) {
    this.#dependencies = dependencies;
    this.tables = diskTables(dependencies.rowReader, () => this.#checkOpen());
    this.catalog = catalogOf(dependencies.state.tables, (change) => this.#change(change));
  }

  createLogs(count: number): Promise<LogId[]> {
    const refusal = this.#dependencies.refusal?.();
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#dependencies.committer.perform((draft) => draft.takeNumbers(count));
  }

  append(request: AppendRequest): Promise<AppendAnswer> {
    return this.#store(request, undefined);
  }

  async commit<Result>(request: CommitRequest<Result>): Promise<CommitAnswer<Result>> {
    const { batches = [], change } = request;
    let result: Result | undefined;
    const run: Change | undefined =
      change && ((transaction, appended) => void (result = change(transaction, appended)));
    const answer = await this.#store({ ...request, batches }, run);
    return { ...answer, result: answer.repeated ? undefined : result };
  }

  async recall(key: IdempotencyKey): Promise<AppendAnswer | undefined> {
    this.#checkOpen();
    return await this.#dependencies.keys.recall(key);
  }

  async read(log: LogId, from: number, limits: ReadLimits): Promise<readonly RecordBatch[]> {
    this.#checkOpen();
    const state = this.#dependencies.state.logs.get(log);
    return state === undefined ? [] : await this.#dependencies.reader.read(state, from, limits);
  }

  async waitFor(log: LogId, index: number, signal: AbortSignal): Promise<void> {
    const { state } = this.#dependencies;
    if (signal.aborted || this.#closing.signal.aborted || state.dropped.has(log)) return;
    const known = state.log(log);
    if (known.nextIndex > index || known.sealed) return;
    await known.waitFor(index, AbortSignal.any([signal, this.#closing.signal]));
  }

  bounds(log: LogId): LogBounds {
    const state = this.#dependencies.state.logs.get(log);
    if (state === undefined) return NO_BOUNDS;
    const { firstIndex, nextIndex, lastArrivalMs, sealed } = state;
    return { firstIndex, nextIndex, lastArrivalMs, sealed };
  }

  async locate(log: LogId, timeMs: number): Promise<number> {
    this.#checkOpen();
    const state = this.#dependencies.state.logs.get(log);
    return state === undefined ? 0 : await this.#dependencies.reader.locate(state, timeMs);
  }

  async trim(log: LogId, before: number): Promise<void> {
    await this.#perform((draft) => draft.trim(log, before));
    this.#dependencies.reclaimer.poke();
  }

  seal(log: LogId): Promise<number> {
    return this.#perform((draft) => draft.seal(log));
  }

  async drop(log: LogId): Promise<void> {
    await this.#perform((draft) => draft.drop(log));
    this.#dependencies.cache.drop(log);
    this.#dependencies.reclaimer.poke();
  }

  async findFailure(): Promise<EngineFailure | undefined> {
    const { committer } = this.#dependencies;
    if (committer.failure === undefined) return undefined;
    // `failure` reports it.
    await committer.retry().catch(() => undefined);
    const { failure } = committer;
    if (failure === undefined) return undefined;
    const kind = failure instanceof EngineFullError ? 'no space' : 'write failed';
    return { kind, message: failure.message };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Runs after the changes submitted before it. */
  #perform<Result>(stage: (draft: GroupCommit) => Result): Promise<Result> {
    const { committer, upkeep } = this.#dependencies;
    const refusal = this.#dependencies.refusal?.();
    if (refusal !== undefined) return Promise.reject(refusal);
    return upkeep.submit({ changesRows: false, hasRecords: false }, () => committer.perform(stage));
  }

  #store(request: AppendRequest, change: Change | undefined): Promise<AppendAnswer> {
    const refusal = this.#dependencies.refusal?.();
    if (refusal !== undefined) return Promise.reject(refusal);
    const { idempotencyKey } = request;
    if (idempotencyKey === undefined) return this.#submit(request, change);
    return this.#dependencies.keys.once(idempotencyKey, () => this.#submit(request, change));
  }

  #submit(request: AppendRequest, change: Change | undefined): Promise<AppendAnswer> {
    const kind = { changesRows: change !== undefined, hasRecords: request.batches.length > 0 };
    return this.#dependencies.upkeep.submit(kind, () => this.#submitNow(request, change));
  }

  #submitNow(request: AppendRequest, change: Change | undefined): Promise<AppendAnswer> {
    const { committer, keys } = this.#dependencies;
    const { idempotencyKey, batches } = request;
    const print = idempotencyKey && fingerprint(idempotencyKey.id, idempotencyKey.digest);
    let bytes = 0;
    for (const { records } of batches) bytes += records.bytes.length;
    return new Promise((resolve, reject) => {
      committer.submit({
        bytes,
        stage: (draft) => {
          const answer = stageRequest(draft, request, print, change);
          if (answer === undefined) return undefined;
          return (place) => {
            if (print !== undefined) keys.remember(print, place);
            resolve(answer);
          };
        },
        fail: reject,
      });
    });
  }

  async #change<Result>(change: (transaction: Transaction) => Result): Promise<Result> {
    const { result } = await this.commit({ change });
    // Without a key the request is never a repeat, so `change` has returned a Result.
    return result as Result;
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new EngineClosedError();
  }

  async #close(): Promise<void> {
    const { committer, journal, mark, segments, reclaimer, upkeep } = this.#dependencies;
    this.#closing.abort();
    await reclaimer.close();
    await upkeep.close();
    await committer.close();
    await journal.shorten();
    await journal.close();
    await mark.close();
    await segments.close();
  }
}

type Change = (transaction: Transaction, appended: readonly Appended[]) => void;

/**
 * Stages the whole request, or nothing when one of its logs is sealed or `change` throws. Undefined while a log's state
 * is undecided.
 */
function stageRequest(
  draft: GroupCommit,
  request: AppendRequest,
  print: Fingerprint | undefined,
  change: Change | undefined,
): AppendAnswer | undefined {
  if (request.batches.some(({ log }) => draft.isUndecided(log))) return undefined;
  for (const { log } of request.batches) draft.checkOpen(log);
  if (change !== undefined)
    draft.changeRows((transaction) => change(transaction, draft.plan(request.batches)));
  const { idempotencyKey, flags = 0 } = request;
  const batches = request.batches.map(({ log, records }) => draft.append(log, records));
  if (idempotencyKey !== undefined && print !== undefined) {
    const { id, digest } = idempotencyKey;
    const storedMs = draft.nowMs;
    draft.add({ kind: 'idempotencyKey', id, digest, storedMs, flags, answers: batches, print });
  }
  return { batches, repeated: false, flags };
}
