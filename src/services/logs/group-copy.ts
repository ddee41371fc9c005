import type { Table } from '../../engine/catalog.ts';
import { type Engine, type LogId, NotOwnerError } from '../../engine/engine.ts';
import { bytesOf } from '../../engine/log-bytes.ts';
import type { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { GroupReads } from './group-reads.ts';
import { segmentKey, type SegmentRow, SEGMENTS_TABLE } from './engine-segments.ts';
import { type LogOrder, parseSegment, type PlacedEvent } from './log-events.ts';
import { eventsInOrder, type LogStreamInfo, SegmentIndex, streamsOf } from './segment-index.ts';

const LINE_FEED = 0x0a;

/** A segment, as far as it has been read. */
interface ReadSegment {
  readonly log: LogId;
  readonly index: SegmentIndex;
  /** The next record of the log. */
  next: number;
  /** The beginning of a line. */
  rest: Buffer;
}

/**
 * The events of a log group at a machine that follows the owner. It reads what the owner has added to its segments, and no
 * owner's memory is asked.
 */
export class GroupCopy implements GroupReads {
  readonly name: string;
  readonly #engine: Engine;
  readonly #rows: Table<SegmentRow>;
  readonly #recoveries: ConcurrencyLimit;
  #segments: ReadSegment[] = [];
  #following: Promise<void> | undefined;

  constructor(engine: Engine, name: string, recoveries: ConcurrencyLimit) {
    this.name = name;
    this.#engine = engine;
    this.#rows = engine.catalog.table(SEGMENTS_TABLE);
    this.#recoveries = recoveries;
  }

  async streams(): Promise<readonly LogStreamInfo[]> {
    await this.#upToDate();
    return streamsOf(this.#segments.map(({ index }) => index));
  }

  storedBytes(): Promise<number> {
    return Promise.resolve(this.#present().reduce((sum, { bytes }) => sum + bytes, 0));
  }

  async requireKnown({ segment, offset }: LogOrder): Promise<void> {
    await this.#upToDate();
    const { number = 0, bytes = 0 } = this.#segments.at(-1)?.index ?? {};
    if (segment > number || (segment === number && segment > 0 && offset >= bytes))
      throw new NotOwnerError('this machine does not have the newest events of the log group');
  }

  /** What they are when it begins. Rejects with NotOwnerError if some are removed meanwhile. */
  async *events(fromMs: number, toMs: number, after?: LogOrder): AsyncGenerator<PlacedEvent> {
    while (!this.#isUpToDate()) await this.#upToDate();
    const segments = this.#segments.map(({ log, index, next }) => ({ log, index, end: next }));
    const ofNumber = new Map(segments.map((segment) => [segment.index.number, segment]));
    const read = async (number: number): Promise<PlacedEvent[]> => {
      const { log, end } = ofNumber.get(number) ?? {};
      if (log === undefined) return [];
      const content = await bytesOf(this.#engine, log, 0, end);
      const row = this.#rows.get(segmentKey({ group: this.name, number }));
      if (row?.log !== log || row.isGone === true)
        throw new NotOwnerError('the owner removes events of the log group');
      return parseSegment(content, number);
    };
    const indexes = segments.map(({ index }) => index);
    yield* eventsInOrder(indexes, { fromMs, toMs, after }, read);
  }

  #present(): SegmentRow[] {
    return Array.from(this.#rows.entries(`${this.name}:`), ([, row]) => row).filter(
      ({ isGone }) => isGone !== true,
    );
  }

  #isUpToDate(): boolean {
    const rows = this.#present();
    return (
      rows.length === this.#segments.length &&
      this.#segments.every(
        ({ log, next }, index) => rows[index]?.log === log && this.#engine.bounds(log).nextIndex === next,
      )
    );
  }

  async #upToDate(): Promise<void> {
    while (!this.#isUpToDate()) {
      this.#following ??= this.#recoveries
        .run(() => this.#follow())
        .finally(() => {
          this.#following = undefined;
        });
      await this.#following;
    }
  }

  async #follow(): Promise<void> {
    const known = new Map(this.#segments.map((segment) => [segment.log, segment]));
    this.#segments = this.#present().map(
      ({ log, number }) =>
        known.get(log) ?? { log, index: new SegmentIndex(number), next: 0, rest: Buffer.alloc(0) },
    );
    for (const segment of this.#segments) await this.#readOn(segment);
  }

  async #readOn(segment: ReadSegment): Promise<void> {
    const { log, index, next, rest } = segment;
    const end = this.#engine.bounds(log).nextIndex;
    if (end === next) return;
    const added = await bytesOf(this.#engine, log, next, end);
    const content = Buffer.concat([rest, added]);
    const lineEnd = content.lastIndexOf(LINE_FEED) + 1;
    for (const event of parseSegment(content.subarray(0, lineEnd), index.number)) index.note(event);
    index.bytes += added.length;
    segment.rest = Buffer.from(content.subarray(lineEnd));
    segment.next = end;
  }
}
