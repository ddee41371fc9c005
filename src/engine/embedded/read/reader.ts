import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';

import { engineLimits } from '../../limits.ts';
import { ConcurrencyLimit } from '../../../support/concurrency-limit.ts';
import type { LogId, ReadLimits, RecordBatch } from '../../engine.ts';
import { LENGTH_BYTES } from '../../packed-records.ts';
import type { ChunkIndex, ChunkPlace } from '../format/chunk-index.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import { DamageError } from '../errors.ts';
import type { DamageReporter } from './damage-reporter.ts';
import type { Journal } from '../write/journal.ts';
import type { LogState, Span } from '../log-state.ts';
import type { SegmentReaders } from './sealed-segment.ts';
import type { State } from '../state.ts';
import type { TailCache } from './tail-cache.ts';

/** Shared by all engines: a read allocates its memory before it waits for the disk. */
const diskReads = new ConcurrencyLimit(engineLimits.diskReadsAtOnceMax);

/** Chunks at most this far apart are fetched with one read. */
const GAP_BYTES_MAX = 64 * 1024;
const FETCH_BYTES_MAX = 4 << 20;

export interface LogReaderOptions {
  readonly state: State;
  readonly journal: Journal;
  readonly segments: SegmentReaders;
  readonly cache: TailCache;
  readonly damage: DamageReporter;
}

export class LogReader {
  readonly #options: LogReaderOptions;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  async read(log: LogState, from: number, limits: ReadLimits): Promise<RecordBatch[]> {
    const taken = new CollectedRecords(limits);
    let index = Math.max(from, log.firstIndex);
    while (index < log.nextIndex && !taken.full) {
      const next = this.#readCached(log, index, taken) ?? (await this.#readDisk(log, index, taken));
      // The log was trimmed or dropped during the read: the remaining records begin later, if there are any.
      index = Math.max(next, log.firstIndex);
    }
    return taken.batches;
  }

  async locate(log: LogState, timeMs: number): Promise<number> {
    const { state, segments } = this.#options;
    const span = log.spans.find((one) => one.lastArrivalMs >= timeMs);
    if (span !== undefined) {
      const index = await segments.index(span.segment, span).catch((error: unknown) => {
        // The file was removed or replaced: look again.
        if (hasErrorCode(error, 'ENOENT') && !log.spans.includes(span)) return undefined;
        throw this.#damagedSpan(error, span, span.firstIndex);
      });
      if (index === undefined) return await this.locate(log, timeMs);
      return Math.max(log.firstIndex, index.at(index.findTime(timeMs)).firstIndex);
    }
    const active = state.active.indexes.get(log.id);
    const ordinal = active?.findTime(timeMs) ?? 0;
    if (active === undefined || ordinal === active.length) return log.nextIndex;
    return Math.max(log.firstIndex, active.at(ordinal).firstIndex);
  }

  /** Returns the next index to read; undefined when `index` is not cached. */
  #readCached(log: LogState, index: number, taken: CollectedRecords): number | undefined {
    let next: number | undefined;
    for (const batch of this.#options.cache.from(log.id, index)) {
      next = taken.take(batch, next ?? index);
      if (taken.full) break;
    }
    return next;
  }

  async #readDisk(log: LogState, index: number, taken: CollectedRecords): Promise<number> {
    const before = log.spanOf(index)?.segment;
    try {
      return await diskReads.run(() => this.#readStored(log, index, taken));
    } catch (error) {
      // The file was removed or replaced: look again.
      if (!hasErrorCode(error, 'ENOENT') || log.spanOf(index)?.segment === before) throw error;
      return index;
    }
  }

  async #readStored(log: LogState, index: number, taken: CollectedRecords): Promise<number> {
    const { state, journal, segments } = this.#options;
    const span = log.spanOf(index);
    if (span !== undefined) {
      const chunks = await segments.index(span.segment, span).catch((error: unknown) => {
        throw this.#damagedSpan(error, span, index);
      });
      return await this.#readChunks(log.id, span.segment.path, chunks, index, taken);
    }
    const chunks = state.active.indexes.get(log.id);
    const { active } = journal;
    if (chunks === undefined || active === undefined || index < chunks.base) {
      throw new Error(`log ${log.id} has no place for index ${index}`);
    }
    return await this.#readChunks(log.id, active.path, chunks, index, taken);
  }

  async #readChunks(
    log: LogId,
    path: string,
    chunks: ChunkIndex,
    index: number,
    taken: CollectedRecords,
  ): Promise<number> {
    const { segments, damage } = this.#options;
    return await segments.withFile(path, (file) =>
      readChunks(
        {
          chunks,
          read: (into, at) => file.read(into, at),
          damaged: ({ firstIndex, count, arrivalMs, offset }) =>
            damage.report({ log, firstIndex, count, arrivalMs }, { file: path, offset }),
        },
        index,
        taken,
      ),
    );
  }

  /** Without its index a log's part of a segment cannot be read. */
  #damagedSpan(error: unknown, span: Span, index: number): unknown {
    if (!(error instanceof DamageError)) return error;
    const { log, nextIndex } = span;
    return this.#options.damage.report({ log, firstIndex: index, count: nextIndex - index }, error);
  }
}

interface Source {
  readonly chunks: ChunkIndex;
  readonly read: (into: Uint8Array, position: number) => Promise<number>;
  /** The error for a damaged chunk. */
  readonly damaged: (chunk: ChunkPlace) => Error;
}

/** Makes one read of the disk: the chunk that holds `index`, and following chunks that are near and still wanted. */
async function readChunks(source: Source, index: number, taken: CollectedRecords): Promise<number> {
  const run = chooseRun(source.chunks, index, taken);
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) throw new Error('a chunk index without chunks');
  const bytes = Buffer.allocUnsafe(last.offset + last.bytes - first.offset);
  const got = await source.read(bytes, first.offset);
  let next = index;
  for (const chunk of run) {
    if (isLost(chunk)) {
      next = chunk.firstIndex + chunk.count;
      continue;
    }
    const start = chunk.offset - first.offset;
    const payload = bytes.subarray(start, Math.min(start + chunk.bytes, got));
    if (payload.length < chunk.bytes || crc32(payload) !== chunk.crc) {
      if (taken.batches.length === 0) throw source.damaged(chunk);
      // Return the intact records; the read that begins at the damaged ones fails.
      taken.full = true;
      return chunk.firstIndex;
    }
    next = taken.take({ ...chunk, bytes: payload }, next);
    if (taken.full) break;
  }
  return next;
}

/** Records that `nagare repair` could not recover: their indexes stay taken, and readers continue after them. */
function isLost(chunk: ChunkPlace): boolean {
  return chunk.bytes === 0;
}

function chooseRun(chunks: ChunkIndex, index: number, taken: CollectedRecords): ChunkPlace[] {
  const run: ChunkPlace[] = [];
  let bytes = 0;
  let count = 0;
  let end = 0;
  for (let ordinal = chunks.find(index); ordinal < chunks.length; ordinal++) {
    const chunk = chunks.at(ordinal);
    const [first] = run;
    if (first !== undefined) {
      const far =
        chunk.offset - end > GAP_BYTES_MAX || chunk.offset + chunk.bytes - first.offset > FETCH_BYTES_MAX;
      if (far || bytes >= taken.bytesLeft || count >= taken.recordsLeft) break;
    }
    run.push(chunk);
    end = chunk.offset + chunk.bytes;
    bytes += chunk.bytes;
    // Of the first chunk count only the records from `index` on.
    count += chunk.firstIndex + chunk.count - Math.max(chunk.firstIndex, index);
  }
  return run;
}

/** What a read has gathered so far, checked against its limits. */
class CollectedRecords {
  readonly batches: RecordBatch[] = [];
  recordsLeft: number;
  bytesLeft: number;
  full = false;

  constructor(limits: ReadLimits) {
    this.recordsLeft = Math.max(1, limits.maxRecords);
    this.bytesLeft = limits.maxBytes;
  }

  /** Takes records from `batch`, from `index` on, as far as the limits allow; returns the next index to read. */
  take(batch: RecordBatch, index: number): number {
    const { bytes, firstIndex, count, arrivalMs } = batch;
    const whole = index <= firstIndex && count <= this.recordsLeft && bytes.length <= this.bytesLeft;
    if (whole) return this.#add({ count, bytes, firstIndex, arrivalMs });
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (let at = firstIndex; at < index; at++) start += 4 + view.getUint32(start, true);
    let end = start;
    let taken = 0;
    const left = firstIndex + count - index;
    while (taken < left && taken < this.recordsLeft) {
      const next = end + 4 + view.getUint32(end, true);
      const isFirst = taken === 0 && this.batches.length === 0;
      if (next - start > this.bytesLeft && !isFirst) break;
      end = next;
      taken++;
    }
    if (taken < left) this.full = true;
    if (taken === 0) return index;
    return this.#add({ count: taken, bytes: bytes.subarray(start, end), firstIndex: index, arrivalMs });
  }

  #add(batch: RecordBatch): number {
    const last = this.batches.at(-1);
    // Records between batches may be lost, but none is returned twice or out of order.
    assert(last === undefined || batch.firstIndex >= last.firstIndex + last.count, 'records out of order');
    assert(batch.bytes.length >= batch.count * LENGTH_BYTES, 'records without their lengths');
    this.batches.push(batch);
    this.recordsLeft -= batch.count;
    this.bytesLeft -= batch.bytes.length;
    if (this.recordsLeft <= 0 || this.bytesLeft <= 0) this.full = true;
    return batch.firstIndex + batch.count;
  }
}
