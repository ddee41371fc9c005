import { crc32 } from 'node:zlib';
import type { LogId, RecordBatch } from '../engine.ts';
import { runsOf } from '../packed-records.ts';
import type { Entry, LogEntry } from './format/entries.ts';
import { encodeRowChanges } from './format/row-changes.ts';
import type { RowsOfTables, StoreContents } from './store-contents.ts';

/** Size of a frame: large enough for the rate of the shared log, small enough to be sent again. */
const FRAME_BYTES = 4 * 1024 * 1024;
const FRAME_ENTRIES = 10_000;

/** The store that the contents of another one are written to. */
export interface TransplantTarget {
  readonly contents: Pick<StoreContents, 'log'>;
  /** Writes a frame; resolves when it is durable. */
  write(entries: readonly Entry[], payload: readonly Uint8Array[]): Promise<void>;
}

export interface TransplantOptions {
  /** Tables and logs that are not copied. */
  readonly withoutTables: ReadonlySet<string>;
  readonly withoutLogs: ReadonlySet<LogId>;
  /** Size of a frame, if not the usual one. */
  readonly frameBytes?: number;
  /** Called for each frame, with the bytes of the records that the target has of it. */
  readonly onRecords: (bytes: number) => void;
}

/**
 * Copies everything that a store has into another one that has nothing but a beginning of the same: records at the same
 * indexes with the same arrivals, rows, and idempotency keys. Can be repeated when it was interrupted: records that are
 * there are not written again.
 */
export async function transplant(
  from: StoreContents,
  to: TransplantTarget,
  options: TransplantOptions,
): Promise<void> {
  const frames = new Frames(to, options);
  await frames.add([{ kind: 'numbers', nextLog: from.nextLog }, ...from.dropped]);
  for (const log of from.logs) {
    if (!options.withoutLogs.has(log.log)) await copyLog(from, to, { log, frames });
  }
  for await (const rows of from.rows()) await copyRows(rows, frames, options.withoutTables);
  for await (const key of from.idempotencyKeys()) await frames.add([key]);
  await frames.flush();
}

async function copyLog(
  from: StoreContents,
  to: TransplantTarget,
  { log, frames }: { readonly log: LogEntry; readonly frames: Frames },
): Promise<void> {
  const present = to.contents.log(log.log);
  const start = Math.max(log.firstIndex, present?.nextIndex ?? 0);
  if (present === undefined) {
    await frames.add([
      { ...log, firstIndex: log.firstIndex, nextIndex: log.firstIndex, lastArrivalMs: 0, sealed: false },
    ]);
  }
  for await (const batch of from.records(log.log, start)) await frames.addRecords(log.log, batch);
  // What `nagare repair` could not recover may be missing at the end.
  await frames.add([log]);
}

async function copyRows(rows: RowsOfTables, frames: Frames, without: ReadonlySet<string>): Promise<void> {
  if (rows.storage === 'catalog') {
    const changes = rows.changes.filter(([table]) => !without.has(table));
    const bytes = changes.reduce((sum, [, , row]) => sum + JSON.stringify(row).length, 0);
    if (changes.length > 0) await frames.add([{ kind: 'catalog', changes, bytes }], bytes);
    return;
  }
  const kept = rows.changes.filter(([table]) => !without.has(table));
  if (kept.length === 0) return;
  const changes = encodeRowChanges(kept.map(([, key, value]) => [key, value]));
  await frames.add([{ kind: 'rows', changes }], changes.length);
}

/** Gathers entries to frames. */
class Frames {
  readonly #target: TransplantTarget;
  readonly #options: TransplantOptions;
  #entries: Entry[] = [];
  #payload: Uint8Array[] = [];
  #bytes = 0;
  #recordBytes = 0;

  constructor(target: TransplantTarget, options: TransplantOptions) {
    this.#target = target;
    this.#options = options;
  }

  async add(entries: readonly Entry[], bytes = 0): Promise<void> {
    this.#entries.push(...entries);
    this.#bytes += bytes;
    const { frameBytes = FRAME_BYTES } = this.#options;
    if (this.#bytes >= frameBytes || this.#entries.length >= FRAME_ENTRIES) await this.flush();
  }

  /** Chunks of a frame are the beginning of its payload in order, so no other entry comes between. */
  async addRecords(log: LogId, batch: RecordBatch): Promise<void> {
    let { firstIndex } = batch;
    const { arrivalMs, bytes } = batch;
    const runs = bytes.length === 0 ? [{ count: batch.count, bytes: 0, crc: crc32(bytes) }] : runsOf(batch);
    const entries = runs.map((run) => {
      const entry: Entry = { kind: 'chunk', log, firstIndex, arrivalMs, ...run };
      firstIndex += run.count;
      return entry;
    });
    if (bytes.length > 0) this.#payload.push(bytes);
    this.#recordBytes += bytes.length;
    await this.add(entries, bytes.length);
  }

  async flush(): Promise<void> {
    if (this.#entries.length === 0) return;
    const [entries, payload, recordBytes] = [this.#entries, this.#payload, this.#recordBytes];
    [this.#entries, this.#payload, this.#bytes, this.#recordBytes] = [[], [], 0, 0];
    await this.#target.write(entries, payload);
    this.#options.onRecords(recordBytes);
  }
}
