import { logsLimits } from './limits.ts';
import { systemClock } from '../../support/clock.ts';
import type { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { Fence } from '../../support/fence.ts';
import type { Log } from '../../support/log.ts';
import type { GroupMetrics } from './group-metrics.ts';
import type { GroupReads } from './group-reads.ts';
import { encodeEvent, type LogEvent, type LogOrder, parseSegment, type PlacedEvent } from './log-events.ts';
import type { LogSegments } from './log-segments.ts';
import { RecentPuts } from './recent-puts.ts';
import { eventsInOrder, type LogStreamInfo, SegmentIndex, streamsOf } from './segment-index.ts';

interface Waiting {
  readonly events: readonly LogEvent[];
  /** Of a request, which is answered when its events are durable. */
  readonly request?: { resolve(): void; reject(error: unknown): void };
}

export interface LogGroupOptions {
  readonly name: string;
  readonly segments: LogSegments;
  readonly log: Log;
  readonly fence: Fence;
  readonly metrics: GroupMetrics;
  /** Limits how many groups read all their files at once. */
  readonly recoveries: ConcurrencyLimit;
  /** A file of the group is open for appending from now on. */
  readonly opened: () => void;
  /** Resolves when the group is listed: what is appended to a group that was deleted creates it again. */
  readonly ensureListed: () => Promise<void>;
}

/**
 * The events of a log group, in order of arrival: files of at most 4 MB, of which the oldest is removed when there are
 * too many. What functions print is not synced: a crash of the machine may lose the last seconds, a crash of the server
 * nothing that was written. What clients put is durable when they get their response.
 */
export class LogGroup implements GroupReads {
  readonly name: string;
  readonly #options: LogGroupOptions;
  readonly #files: LogSegments;
  #segments: SegmentIndex[] = [];
  readonly #puts = new RecentPuts();
  readonly #listeners = new Set<(event: LogEvent) => void>();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #hasRequestWaiting = false;
  /** Everything that touches the files, one after the other. */
  #last: Promise<void> = Promise.resolve();
  #isStoring = false;
  /** Ends the wait for more events. */
  #storeNow: (() => void) | undefined;
  #recovered: Promise<void> | undefined;
  #nextNumber = 1;
  #distrustsLast = false;
  #warned = false;

  constructor(options: LogGroupOptions) {
    this.name = options.name;
    this.#options = options;
    this.#files = options.segments;
  }

  /** Returns false when too much waits to be written; the caller should then wait for `flushed`. */
  append(event: LogEvent): boolean {
    this.#enqueue({ events: [event] });
    return this.#waitingBytes < logsLimits.waitingBytesMax;
  }

  /** Resolves when everything appended so far has been written to the files, or could not be written. */
  flushed(): Promise<void> {
    this.#storeNow?.();
    return this.#last;
  }

  /** Resolves when the events are durable. A repeat, by the key of its last event, stores nothing again. */
  put(events: readonly LogEvent[]): Promise<void> {
    return new Promise((resolve, reject) => this.#enqueue({ events, request: { resolve, reject } }));
  }

  /** Calls back with every new event; the returned function ends it. */
  listen(listener: (event: LogEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async streams(): Promise<readonly LogStreamInfo[]> {
    await this.#run(() => this.#recover());
    return streamsOf(this.#segments);
  }

  async storedBytes(): Promise<number> {
    const files = await this.#run(() => this.#files.list());
    return files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async *events(fromMs: number, toMs: number, after?: LogOrder): AsyncGenerator<PlacedEvent> {
    await this.#run(() => this.#recover());
    yield* eventsInOrder(this.#segments, { fromMs, toMs, after }, (number) => this.#read(number));
  }

  /** It has whatever it has told anyone. */
  requireKnown(): Promise<void> {
    return Promise.resolve();
  }

  /** Removes files that have only events before this time. */
  async expire(beforeMs: number): Promise<void> {
    await this.#run(async () => {
      await this.#recover();
      while ((this.#segments[0]?.lastMs ?? Infinity) < beforeMs) await this.#dropOldest();
    });
  }

  /** Removes the events of a stream. */
  async eraseStream(stream: string): Promise<void> {
    await this.#run(async () => {
      await this.#recover();
      if (!this.#segments.some(({ streams }) => streams.has(stream))) return;
      for (const { number } of this.#segments) await this.#files.blank(number, stream);
      for (const { streams } of this.#segments) streams.delete(stream);
    });
  }

  /** Removes all events and the folder. */
  async erase(): Promise<void> {
    await this.#run(async () => {
      await this.#files.erase();
      this.#segments = [];
      this.#puts.clear();
      this.#recovered = Promise.resolve();
    });
  }

  /** Closes its file; the next event opens it again. */
  async close(): Promise<void> {
    await this.#run(() => this.#files.finish());
  }

  async #run<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#storeNow?.();
    const done = this.#last.then(task);
    this.#last = done.then(
      () => undefined,
      () => undefined,
    );
    return await done;
  }

  /** Reads the files of an earlier run. */
  async #recover(): Promise<void> {
    this.#recovered ??= this.#options.recoveries.run(() => this.#readFiles());
    try {
      await this.#recovered;
    } catch (error) {
      this.#recovered = undefined;
      throw error;
    }
  }

  async #readFiles(): Promise<void> {
    this.#segments = [];
    this.#puts.clear();
    for (const { number, bytes } of await this.#files.list()) {
      const segment = new SegmentIndex(number);
      segment.bytes = bytes;
      for (const event of await this.#read(number)) this.#note(segment, event);
      this.#segments.push(segment);
      this.#nextNumber = number + 1;
    }
  }

  async #read(number: number): Promise<PlacedEvent[]> {
    return parseSegment(await this.#files.content(number), number);
  }

  #enqueue(waiting: Waiting): void {
    this.#waiting.push(waiting);
    for (const { message } of waiting.events) this.#waitingBytes += message.length;
    if (waiting.request !== undefined) this.#hasRequestWaiting = true;
    if (this.#isUrgent()) this.#storeNow?.();
    if (this.#isStoring) return;
    this.#isStoring = true;
    void this.#run(() => this.#storeWaiting());
  }

  /** An invocation prints several lines one after the other, and each write to a file costs as much as all of them. */
  #gather(): Promise<void> | undefined {
    if (this.#isUrgent()) return undefined;
    return new Promise((resolve) => {
      const cancel = systemClock.schedule(logsLimits.gatherMs, () => this.#storeNow?.());
      this.#storeNow = () => {
        this.#storeNow = undefined;
        cancel();
        resolve();
      };
    });
  }

  #isUrgent(): boolean {
    return this.#hasRequestWaiting || this.#waitingBytes >= logsLimits.waitingBytesMax;
  }

  async #storeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#hasRequestWaiting = false;
      try {
        await this.#store(waiting);
      } catch (error) {
        // A line may be incomplete, and after a failed sync the file is not trusted: the next events go to a new one.
        this.#distrustsLast = true;
        await this.#files.finish().catch(() => undefined);
        for (const { request } of waiting) request?.reject(error);
        this.#warn(error);
      }
    }
    this.#isStoring = false;
  }

  async #store(waiting: readonly Waiting[]): Promise<void> {
    await this.#options.ensureListed();
    await this.#recover();
    const segment = await this.#segmentForWriting();
    const fresh = this.#withoutRepeats(waiting);
    const pieces = piecesOf(fresh);
    for (const piece of pieces) await this.#files.append(piece);
    // A repeat waits, too: the first call may have failed before this.
    if (waiting.some(({ request }) => request !== undefined)) {
      await this.#files.sync();
      this.#options.fence.check();
    }
    const events = fresh.flatMap((each) => each.events);
    for (const { length } of pieces) segment.bytes += length;
    for (const event of events) this.#note(segment, event);
    this.#options.metrics.count(events);
    for (const { request } of waiting) request?.resolve();
    for (const listener of this.#listeners) for (const event of events) listener(event);
  }

  #withoutRepeats(waiting: readonly Waiting[]): Waiting[] {
    const keys = new Set<string>();
    return waiting.filter(({ events }) => {
      const { putKey, ingestedMs = 0 } = events.at(-1) ?? {};
      if (putKey === undefined) return true;
      const isRepeat = keys.has(putKey) || this.#puts.has(putKey, ingestedMs);
      keys.add(putKey);
      return !isRepeat;
    });
  }

  #note(segment: SegmentIndex, event: LogEvent): void {
    segment.note(event);
    this.#puts.note(event);
  }

  async #segmentForWriting(): Promise<SegmentIndex> {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes < logsLimits.segmentBytesMax && !this.#distrustsLast) {
      if (this.#files.openNumber !== last.number) await this.#begin(last.number);
      return last;
    }
    const segment = new SegmentIndex(this.#nextNumber++);
    await this.#begin(segment.number);
    this.#distrustsLast = false;
    this.#segments.push(segment);
    while (this.#segments.length > logsLimits.segmentsPerGroupMax) await this.#dropOldest();
    return segment;
  }

  async #begin(number: number): Promise<void> {
    await this.#files.begin(number);
    this.#options.opened();
  }

  async #dropOldest(): Promise<void> {
    const oldest = this.#segments.shift();
    if (oldest !== undefined) await this.#files.remove(oldest.number);
  }

  /** The invocation matters more than its output: a full disk loses lines but does not fail functions. */
  #warn(error: unknown): void {
    if (!this.#warned)
      this.#options.log.warn({ err: error, group: this.name }, 'could not store the events of a log group');
    this.#warned = true;
  }
}

/** Whole calls, so that where an append is atomic none is stored in part. */
function piecesOf(waiting: readonly Waiting[]): Buffer[] {
  const pieces: string[] = [];
  let bytes = Infinity;
  for (const { events } of waiting) {
    const lines = events.map(encodeEvent).join('');
    const length = Buffer.byteLength(lines);
    if (bytes + length > logsLimits.segmentPieceBytes) {
      pieces.push('');
      bytes = 0;
    }
    pieces[pieces.length - 1] += lines;
    bytes += length;
  }
  return pieces.map((piece) => Buffer.from(piece));
}
