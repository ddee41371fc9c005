import {
  type ShardReader,
  type StartingPosition,
  type StreamView,
  UnknownShardError,
} from '../consumers/source.ts';
import { notFound } from './answers.ts';
import type { Outlet } from './event-stream.ts';
import type { Filter } from './filter.ts';
import { consoleLimits } from './limits.ts';
import { FilteredRecord, type RecordRow, rowOf } from './record-row.ts';
import { TailOutput } from './tail-output.ts';
import { filterOf, type From, startOf } from './tail-start.ts';
import type { Views } from './views.ts';

export interface TailRequest {
  readonly stream: string;
  /** Empty: all. */
  readonly shards: readonly string[];
  /** Where to start in each shard that `after` does not name. */
  readonly from: From;
  /** Sequence numbers of the last records that the page has, by shard. */
  readonly after: Readonly<Record<string, string>>;
  readonly filter: string;
  /** Follows the stream; otherwise the reading stops at the tail, and at the budget. */
  readonly follow: boolean;
}

/** Sends a page the records of a stream. */
export async function tail(
  views: Views,
  request: TailRequest,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  const view = views.source.describe(request.stream);
  if (view === undefined) throw notFound(`stream ${request.stream}`);
  const run = new TailRun(views, request, view, new TailOutput(views.clock, outlet, request.follow), signal);
  await run.run();
}

class TailRun {
  readonly #views: Views;
  readonly #request: TailRequest;
  readonly #view: StreamView;
  readonly #output: TailOutput;
  readonly #filter: Filter | undefined;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #shards = new Map<string, Promise<void>>();
  #failure: unknown;

  constructor(views: Views, request: TailRequest, view: StreamView, output: TailOutput, signal: AbortSignal) {
    this.#views = views;
    this.#request = request;
    this.#view = view;
    this.#output = output;
    this.#filter = filterOf(request.filter);
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  async run(): Promise<void> {
    const { source } = this.#views;
    const unsubscribe = source.onChange((name) => {
      if (name === this.#view.name && this.#request.follow) this.#addShards({ type: 'TRIM_HORIZON' });
    });
    try {
      this.#addShards(undefined);
      const flushing = this.#output.run(this.#signal);
      // Shards may be added while others are read.
      for (let size = -1; size !== this.#shards.size;) {
        size = this.#shards.size;
        await Promise.all(this.#shards.values());
      }
      if (this.#request.follow && this.#failure === undefined) await aborted(this.#signal);
      this.#stop.abort();
      await flushing;
      await this.#output.end();
    } finally {
      unsubscribe();
      this.#stop.abort();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** `start` is that of shards which a reshard has made. */
  #addShards(start: StartingPosition | undefined): void {
    const view = this.#views.source.describe(this.#view.name);
    if (view === undefined || view.incarnation !== this.#view.incarnation) {
      this.#stop.abort();
      return;
    }
    const wanted = new Set(this.#request.shards);
    for (const { shardId } of view.shards) {
      const isNew = !this.#shards.has(shardId) && this.#shards.size < consoleLimits.tailShardsMax;
      if (!isNew || (wanted.size > 0 && !wanted.has(shardId))) continue;
      this.#shards.set(
        shardId,
        this.#readShard(view, shardId, start).catch((error: unknown) => {
          if (error instanceof UnknownShardError) return;
          this.#failure ??= error;
          this.#stop.abort();
        }),
      );
    }
  }

  async #readShard(view: StreamView, shardId: string, start: StartingPosition | undefined): Promise<void> {
    const signal = this.#signal;
    const position = start ?? this.#startOf(shardId);
    if (position === undefined) return;
    let reader = await this.#views.source.open(view, shardId, position);
    const limits = { maxRecords: consoleLimits.tailRowsMax, maxBytes: consoleLimits.readBytesMax };
    while (!signal.aborted) {
      if (this.#request.follow) reader = await this.#skipAhead(view, shardId, reader);
      const { records, ended } = await reader.read(limits);
      const rows: RecordRow[] = [];
      let bytes = 0;
      for (const record of records) {
        bytes += record.data.length;
        const row = this.#rowOf(record, shardId);
        if (row !== undefined) rows.push(row);
      }
      const last = records.at(-1)?.sequenceNumber;
      await this.#output.add(shardId, { rows, last, scanned: records.length, bytes }, signal);
      if (this.#output.isOverBudget) this.#stop.abort();
      if (ended || (records.length === 0 && !this.#request.follow)) return;
      if (records.length === 0) await reader.wait(signal);
    }
  }

  #rowOf(record: Parameters<typeof rowOf>[0], shardId: string): RecordRow | undefined {
    if (this.#filter === undefined) return rowOf(record, shardId);
    const filtered = new FilteredRecord(record, shardId);
    try {
      return this.#filter(filtered) ? rowOf(record, shardId, filtered.decoded) : undefined;
    } catch {
      this.#output.countError();
      return undefined;
    }
  }

  /** A page that cannot keep up with the stream misses records, and gets their count. */
  async #skipAhead(view: StreamView, shardId: string, reader: ShardReader): Promise<ShardReader> {
    if (this.#request.from !== 'latest') return reader;
    const { inspector, source } = this.#views;
    const here = inspector.indexOf(view.name, shardId, reader.position().sequenceNumber) ?? 0;
    const tailIndex = inspector.nextIndex(view.name, shardId) ?? 0;
    if (tailIndex - here <= consoleLimits.tailBehindRecordsMax) return reader;
    // Not to the very end: a stream that stands still after a burst would show nothing of it.
    const there = tailIndex - consoleLimits.tailBacklogRecords;
    const sequenceNumber = inspector.sequenceNumberAt(view.name, shardId, there);
    if (sequenceNumber === undefined) return reader;
    this.#output.skip(shardId, there - here);
    return await source.open(view, shardId, { type: 'AT_SEQUENCE_NUMBER', sequenceNumber });
  }

  #startOf(shardId: string): StartingPosition | undefined {
    const last = this.#request.after[shardId];
    if (last !== undefined) return { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last };
    return startOf(this.#views, this.#request, shardId);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
