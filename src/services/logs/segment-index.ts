import { compareOrder, type LogEvent, type LogOrder, orderOf, type PlacedEvent } from './log-events.ts';

interface StreamTimes {
  readonly name: string;
  firstMs: number;
  lastMs: number;
  ingestedMs: number;
}

export type LogStreamInfo = Readonly<StreamTimes>;

/** What a segment has: the times of its events, and of each of its streams. */
export class SegmentIndex {
  readonly number: number;
  readonly streams = new Map<string, StreamTimes>();
  bytes = 0;
  firstMs = Infinity;
  lastMs = 0;

  constructor(number: number) {
    this.number = number;
  }

  note({ stream: name, timestampMs, ingestedMs = timestampMs }: LogEvent): void {
    this.firstMs = Math.min(this.firstMs, timestampMs);
    this.lastMs = Math.max(this.lastMs, timestampMs);
    addStream(this.streams, { name, firstMs: timestampMs, lastMs: timestampMs, ingestedMs });
  }
}

/** The streams of all segments. */
export function streamsOf(segments: readonly SegmentIndex[]): LogStreamInfo[] {
  const found = new Map<string, StreamTimes>();
  for (const { streams } of segments) for (const stream of streams.values()) addStream(found, stream);
  return [...found.values()];
}

function addStream(streams: Map<string, StreamTimes>, added: LogStreamInfo): void {
  const present = streams.get(added.name);
  if (present === undefined) {
    streams.set(added.name, { ...added });
    return;
  }
  present.firstMs = Math.min(present.firstMs, added.firstMs);
  present.lastMs = Math.max(present.lastMs, added.lastMs);
  present.ingestedMs = Math.max(present.ingestedMs, added.ingestedMs);
}

export interface EventRange {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** The event before the first one. */
  readonly after?: LogOrder | undefined;
}

/** The events of a range, ordered by time. `read` has those of a segment. */
export async function* eventsInOrder(
  segments: readonly SegmentIndex[],
  { fromMs, toMs, after }: EventRange,
  read: (segment: number) => Promise<PlacedEvent[]>,
): AsyncGenerator<PlacedEvent> {
  const startMs = Math.max(fromMs, after?.timestampMs ?? 0);
  const wanted = segments
    .filter(({ firstMs, lastMs }) => lastMs >= startMs && firstMs < toMs)
    .sort((one, other) => one.firstMs - other.firstMs || one.number - other.number);
  let found: PlacedEvent[] = [];
  for (const [index, { number }] of wanted.entries()) {
    for (const event of await read(number)) {
      if (event.timestampMs < startMs || event.timestampMs >= toMs) continue;
      if (after === undefined || compareOrder(orderOf(event), after) > 0) found.push(event);
    }
    found.sort((one, other) => compareOrder(orderOf(one), orderOf(other)));
    // Later segments have no events before this time.
    const nextMs = wanted[index + 1]?.firstMs ?? Infinity;
    const complete = found.findIndex(({ timestampMs }) => timestampMs >= nextMs);
    yield* complete < 0 ? found : found.slice(0, complete);
    found = complete < 0 ? [] : found.slice(complete);
  }
}
