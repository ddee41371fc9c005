import type { StreamSource } from '../consumers/source.ts';
import type { DeliveryResult, Destination, ErrorOutput } from './destination.ts';

/** What a service defines for a delivery: source, target and what is counted. */
export interface DeliverySpec {
  /** Unique and never reused: checkpoints and ranges are stored under it, and objects carry it. */
  readonly id: string;
  /** A description for users, in the log. */
  readonly called: string;
  readonly source: StreamSource;
  /** Name or ARN. */
  readonly stream: string;
  readonly buffering: Buffering;
  readonly destination: Destination;
  readonly errorOutput: ErrorOutput;
  readonly counters: DeliveryObserver;
}

/** When a batch of a shard is delivered: at whichever bound it reaches first. */
export interface Buffering {
  /** The sum of the records' data. */
  readonly bytesMax: number;
  readonly recordsMax: number;
  /** The age of the oldest record, by arrival. */
  readonly ageMsMax: number;
}

/** The outcome of a range. */
export interface Outcome extends Omit<DeliveryResult, 'refused'> {
  /** Source records. */
  readonly records: number;
  readonly bytesIn: number;
  readonly refused: number;
  /** The age of the oldest record. */
  readonly ageMs: number;
}

export interface DeliveryObserver {
  delivered(outcome: Outcome): void;
  /** An attempt failed and will be repeated. */
  failed(ageMs: number): void;
  release(): void;
}
