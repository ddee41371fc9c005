export interface LogEvent {
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
  /** When it arrived; of events of earlier versions and of functions, the time of the event. */
  readonly ingestedMs?: number;
  /** Of the last event of a PutLogEvents: identifies the call, for its repeats. */
  readonly putKey?: string;
}

/** The position of an event in its group's files. */
export interface LogPosition {
  readonly segment: number;
  readonly offset: number;
}

/** The place of an event in the order of its group: by time, then by arrival. */
export interface LogOrder extends LogPosition {
  readonly timestampMs: number;
}

export interface PlacedEvent extends LogEvent {
  readonly position: LogPosition;
}

export function orderOf({ timestampMs, position }: PlacedEvent): LogOrder {
  return { timestampMs, ...position };
}

export function compareOrder(one: LogOrder, other: LogOrder): number {
  return one.timestampMs - other.timestampMs || one.segment - other.segment || one.offset - other.offset;
}

/** One event per line, as JSON. */
export function encodeEvent({ timestampMs, stream, message, ingestedMs, putKey }: LogEvent): string {
  return `${JSON.stringify({ time: timestampMs, stream, message, ingested: ingestedMs, put: putKey })}\n`;
}

/** The events of a segment. A line that is incomplete, or blank because its stream was deleted, has none. */
export function parseSegment(content: Buffer, segment: number): PlacedEvent[] {
  const events: PlacedEvent[] = [];
  for (const { start, end } of linesOf(content)) {
    const event = parseLine(content.toString('utf8', start, end));
    if (event !== undefined) events.push({ ...event, position: { segment, offset: start } });
  }
  return events;
}

/** The complete lines of a segment, without their line feeds. */
function* linesOf(content: Buffer): Generator<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf(0x0a, start);
    if (end < 0) return;
    yield { start, end };
    start = end + 1;
  }
}

/** Overwrites the events of a stream with spaces; false when there are none. */
export function blankStream(content: Buffer, stream: string): boolean {
  const lines = linesOfStream(content, stream);
  for (const { start, end } of lines) content.fill(' ', start, end);
  return lines.length > 0;
}

export function linesOfStream(content: Buffer, stream: string): { start: number; end: number }[] {
  return [...linesOf(content)].filter(
    ({ start, end }) => parseLine(content.toString('utf8', start, end))?.stream === stream,
  );
}

interface Line {
  readonly time: number;
  readonly stream: string;
  readonly message: string;
  readonly ingested?: number;
  readonly put?: string;
}

function parseLine(line: string): LogEvent | undefined {
  try {
    // Only this file writes them.
    const { time, stream, message, ingested, put } = JSON.parse(line) as Line;
    return {
      stream,
      timestampMs: time,
      message,
      ...(ingested === undefined ? {} : { ingestedMs: ingested }),
      ...(put === undefined ? {} : { putKey: put }),
    };
  } catch {
    return undefined;
  }
}
