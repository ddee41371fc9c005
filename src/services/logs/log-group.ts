import { open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { logsLimits } from './limits.ts';
import type { Log } from '../../support/log.ts';
import { makeFolder, PRIVATE_FILE_MODE } from '../../support/make-folder.ts';

export interface LogEvent {
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
}

/** The position of an event; later events have greater positions. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

export interface PlacedEvent extends LogEvent {
  readonly position: LogPosition;
}

export interface LogStreamInfo {
  readonly name: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

interface Segment {
  readonly number: number;
  bytes: number;
  firstMs: number;
  lastMs: number;
}

interface StreamEntry extends LogStreamInfo {
  lastMs: number;
  lastSegment: number;
}

const SEGMENT_NAME = /^(\d{8})\.ndjson$/;

/**
 * The output of one function: files of at most 4 MB, one event per line as JSON, in order of arrival; the oldest file
 * is removed when there are too many. Events are not synced one by one: a crash of the machine may lose the last
 * seconds, a crash of the server nothing that was written.
 */
export class LogGroup {
  readonly name: string;
  readonly #folder: string;
  readonly #log: Log;
  #segments: Segment[] = [];
  readonly #streams = new Map<string, StreamEntry>();
  #waiting: LogEvent[] = [];
  #waitingBytes = 0;
  #file: FileHandle | undefined;
  #writing: Promise<void>;
  #busy = true;
  #warned = false;

  constructor(name: string, folder: string, log: Log) {
    this.name = name;
    this.#folder = folder;
    this.#log = log;
    this.#writing = this.#recover().then(() => this.#write());
  }

  /** Returns false when too much waits to be written; the caller should then wait for `flushed`. */
  append(event: LogEvent): boolean {
    this.#waiting.push(event);
    this.#waitingBytes += event.message.length;
    if (!this.#busy) this.#writing = this.#write();
    return this.#waitingBytes < logsLimits.waitingBytesMax;
  }

  /** Resolves when everything appended so far has been written to the files, or could not be written. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  async streams(): Promise<readonly LogStreamInfo[]> {
    await this.#writing;
    return [...this.#streams.values()];
  }

  async storedBytes(): Promise<number> {
    await this.#writing;
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  async createdMs(): Promise<number> {
    await this.#writing;
    return this.#segments[0]?.firstMs ?? 0;
  }

  /** Events with fromMs <= time < toMs, in order, from `position` on. */
  async *events(fromMs: number, toMs: number, position?: LogPosition): AsyncGenerator<PlacedEvent> {
    await this.#writing;
    for (const segment of this.#segments.slice()) {
      if (segment.number < (position?.segment ?? 0)) continue;
      if (segment.lastMs < fromMs || segment.firstMs >= toMs) continue;
      const from = segment.number === position?.segment ? position.offset : 0;
      for (const event of await this.#read(segment, from)) {
        if (event.timestampMs >= fromMs && event.timestampMs < toMs) yield event;
      }
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #read(segment: Segment, from: number): Promise<PlacedEvent[]> {
    let content: Buffer;
    try {
      content = await readFile(this.#path(segment));
    } catch {
      // The segment was the oldest one and was removed in the meantime.
      return [];
    }
    return parseSegment(content, segment.number, from);
  }

  /** Finds the segments of an earlier run; an incomplete line is left alone, and a new segment is started. */
  async #recover(): Promise<void> {
    try {
      await makeFolder(this.#folder);
      const names = (await readdir(this.#folder)).filter((name) => SEGMENT_NAME.test(name));
      for (const name of names.sort()) {
        const content = await readFile(join(this.#folder, name));
        const segment = newSegment(Number(name.slice(0, 8)));
        segment.bytes = content.length;
        this.#segments.push(segment);
        for (const event of parseSegment(content, segment.number, 0)) this.#note(segment, event);
      }
    } catch (error) {
      this.#warn(error);
    }
  }

  async #write(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#waiting.length > 0) {
        const events = this.#waiting;
        this.#waiting = [];
        this.#waitingBytes = 0;
        await this.#store(events).catch((error: unknown) => this.#warn(error));
      }
    } finally {
      this.#busy = false;
    }
  }

  async #store(events: readonly LogEvent[]): Promise<void> {
    const segment = await this.#segmentForWriting();
    const lines: string[] = [];
    for (const event of events) {
      lines.push(
        JSON.stringify({ time: event.timestampMs, stream: event.stream, message: event.message }),
        '\n',
      );
      this.#note(segment, event);
    }
    const bytes = Buffer.from(lines.join(''));
    await this.#file?.appendFile(bytes);
    segment.bytes += bytes.length;
  }

  async #segmentForWriting(): Promise<Segment> {
    const last = this.#segments.at(-1);
    if (this.#file !== undefined && last !== undefined && last.bytes < logsLimits.segmentBytesMax)
      return last;
    await this.#file?.close();
    this.#file = undefined;
    const segment = newSegment((last?.number ?? 0) + 1);
    this.#file = await open(this.#path(segment), 'a', PRIVATE_FILE_MODE);
    this.#segments.push(segment);
    while (this.#segments.length > logsLimits.segmentsPerGroupMax) await this.#dropOldest();
    return segment;
  }

  async #dropOldest(): Promise<void> {
    const oldest = this.#segments.shift();
    if (oldest === undefined) return;
    for (const [name, stream] of this.#streams) {
      if (stream.lastSegment <= oldest.number) this.#streams.delete(name);
    }
    await rm(this.#path(oldest), { force: true });
  }

  #note(segment: Segment, event: LogEvent): void {
    segment.firstMs = Math.min(segment.firstMs, event.timestampMs);
    segment.lastMs = Math.max(segment.lastMs, event.timestampMs);
    const stream = this.#streams.get(event.stream);
    if (stream === undefined) {
      const { timestampMs } = event;
      this.#streams.set(event.stream, {
        name: event.stream,
        firstMs: timestampMs,
        lastMs: timestampMs,
        lastSegment: segment.number,
      });
    } else {
      stream.lastMs = Math.max(stream.lastMs, event.timestampMs);
      stream.lastSegment = segment.number;
    }
  }

  #path(segment: Segment): string {
    return join(this.#folder, `${String(segment.number).padStart(8, '0')}.ndjson`);
  }

  /** The invocation matters more than its output: a full disk loses lines but does not fail functions. */
  #warn(error: unknown): void {
    if (!this.#warned)
      this.#log.warn({ err: error, group: this.name }, 'could not store the output of a function');
    this.#warned = true;
  }
}

function newSegment(number: number): Segment {
  return { number, bytes: 0, firstMs: Infinity, lastMs: 0 };
}

function parseSegment(content: Buffer, segment: number, from: number): PlacedEvent[] {
  const events: PlacedEvent[] = [];
  for (let offset = from; offset < content.length;) {
    const end = content.indexOf(0x0a, offset);
    if (end < 0) break;
    const event = parseLine(content.toString('utf8', offset, end));
    if (event !== undefined) events.push({ ...event, position: { segment, offset } });
    offset = end + 1;
  }
  return events;
}

function parseLine(line: string): LogEvent | undefined {
  try {
    const value = JSON.parse(line) as { time: number; stream: string; message: string };
    return { stream: value.stream, timestampMs: value.time, message: value.message };
  } catch {
    return undefined;
  }
}
