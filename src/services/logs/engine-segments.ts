import type { Table } from '../../engine/catalog.ts';
import type { DescribeRecords, Engine, LogId } from '../../engine/engine.ts';
import { appendBytes, bytesOf, dropWithRow } from '../../engine/log-bytes.ts';
import { checked, RecordPacker } from '../../engine/packed-records.ts';
import { blankStream } from './log-events.ts';
import type { LogSegments } from './log-segments.ts';

export const SEGMENTS_TABLE = 'logs.segments';

const LINE_FEED = 0x0a;

/** A row of `logs.segments`: a segment, and the log of the engine that has its lines. */
export interface SegmentRow {
  readonly group: string;
  readonly number: number;
  readonly log: LogId;
  readonly bytes: number;
  /** It is being removed. */
  readonly isGone?: true;
  /** A log that is to be dropped: the segment is being written again, or has been. */
  readonly other?: LogId;
}

/**
 * The segments of a log group in the engine, where several machines share its log:
 * docs/decisions/beside-the-engine.md. What functions print is durable there too.
 */
export class EngineSegments implements LogSegments {
  readonly #engine: Engine;
  readonly #group: string;
  readonly #rows: Table<SegmentRow>;
  #open: number | undefined;

  constructor(engine: Engine, group: string) {
    this.#engine = engine;
    this.#group = group;
    this.#rows = engine.catalog.table(SEGMENTS_TABLE);
  }

  get openNumber(): number | undefined {
    return this.#open;
  }

  async list(): Promise<{ readonly number: number; readonly bytes: number }[]> {
    for (const row of this.#all()) {
      if (row.isGone === true) await this.#drop(row);
      else if (row.other !== undefined) await this.#dropOther(row);
    }
    return this.#all().map(({ number, bytes }) => ({ number, bytes }));
  }

  async content(number: number): Promise<Buffer> {
    const row = this.#find(number);
    return row === undefined ? Buffer.alloc(0) : await bytesOf(this.#engine, row.log);
  }

  async begin(number: number): Promise<void> {
    const row = this.#find(number);
    if (row === undefined) {
      const [log = 0] = await this.#engine.createLogs(1);
      await this.#store({ group: this.#group, number, log, bytes: 0 });
    }
    this.#open = number;
    if (row !== undefined && !(await this.#endsLine(row))) await this.append(Buffer.from('\n'));
  }

  async append(bytes: Uint8Array): Promise<void> {
    const number = this.#open;
    if (number === undefined) return;
    const row = this.#find(number);
    if (row === undefined) throw new Error(`the open segment ${number} of ${this.#group} was removed`);
    const packer = new RecordPacker(bytes.length + 4);
    packer.add(bytes);
    await this.#engine.commit({
      batches: [{ log: row.log, records: checked(packer.finish()) }],
      change: (transaction) =>
        transaction.put(this.#rows, segmentKey(row), { ...row, bytes: row.bytes + bytes.length }),
    });
  }

  /** An append is durable when it resolves. */
  sync(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    this.#open = undefined;
    return Promise.resolve();
  }

  async remove(number: number): Promise<void> {
    if (this.#open === number) this.#open = undefined;
    const row = this.#find(number);
    if (row !== undefined) await this.#drop(row);
  }

  async blank(number: number, stream: string): Promise<void> {
    const row = this.#find(number);
    const content = await this.content(number);
    if (row === undefined || !blankStream(content, stream)) return;
    const [fresh = 0] = await this.#engine.createLogs(1);
    await this.#store({ ...row, other: fresh });
    await appendBytes(this.#engine, fresh, content);
    await this.#store({ ...row, log: fresh, other: row.log });
    await this.#dropOther({ ...row, log: fresh, other: row.log });
  }

  async erase(): Promise<void> {
    this.#open = undefined;
    for (const row of this.#all()) await this.#drop(row);
  }

  #all(): SegmentRow[] {
    return [...this.#rows.entries(`${this.#group}:`)].map(([, row]) => row);
  }

  #find(number: number): SegmentRow | undefined {
    const row = this.#rows.get(segmentKey({ group: this.#group, number }));
    return row?.isGone === true ? undefined : row;
  }

  async #endsLine({ log, bytes }: SegmentRow): Promise<boolean> {
    if (bytes === 0) return true;
    const last = this.#engine.bounds(log).nextIndex - 1;
    const [batch] = await this.#engine.read(log, last, { maxRecords: 1, maxBytes: 1 });
    return batch?.bytes.at(-1) === LINE_FEED;
  }

  async #drop(row: SegmentRow): Promise<void> {
    if (row.other !== undefined) await this.#dropOther(row);
    const { other: _, ...rest } = row;
    await dropWithRow(this.#engine, this.#rows, { key: segmentKey(row), gone: { ...rest, isGone: true } });
  }

  async #dropOther({ other, ...row }: SegmentRow): Promise<void> {
    if (other !== undefined) await this.#engine.drop(other);
    await this.#store(row);
  }

  async #store(row: SegmentRow): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#rows, segmentKey(row), row));
  }
}

export function segmentKey({ group, number }: Pick<SegmentRow, 'group' | 'number'>): string {
  return `${group}:${String(number).padStart(8, '0')}`;
}

/** Describes records that are events of a log group. */
export const describeEvents: DescribeRecords = (catalog, { log }) => {
  for (const [, row] of catalog.table<SegmentRow>(SEGMENTS_TABLE).entries()) {
    if (row.log === log) return `events of the log group ${row.group}`;
  }
  return undefined;
};
