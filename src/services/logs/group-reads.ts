import type { LogOrder, PlacedEvent } from './log-events.ts';
import type { LogStreamInfo } from './segment-index.ts';

/** A log group, for operations that only read. */
export interface GroupReads {
  readonly name: string;
  streams(): Promise<readonly LogStreamInfo[]>;
  storedBytes(): Promise<number>;
  /** Events with fromMs <= time < toMs, ordered by time, after `after`. */
  events(fromMs: number, toMs: number, after?: LogOrder): AsyncIterable<PlacedEvent>;
  /** Rejects with NotOwnerError if there may be earlier events that are not here yet. */
  requireKnown(place: LogOrder): Promise<void>;
}
