import type { TraceContext } from '../support/trace-context.ts';
import type { StreamSource } from '../consumers/source.ts';
import type {
  DeliveryRecord,
  DeliveryResult,
  Destination,
  ErrorOutput,
  RefusedRecord,
} from './destination.ts';

/** Defines a delivery: its source, its target and its counters. */
export interface DeliverySpec {
  /** Unique and never reused: checkpoints and ranges are stored under it, and objects carry it. */
  readonly id: string;
  /** A description for users, in the log. */
  readonly called: string;
  readonly source: StreamSource;
  /** Name or ARN. */
  readonly stream: string;
  readonly buffering: Buffering;
  readonly route: Route;
  /** The version of the route. It is stored with each range. */
  readonly version?: number;
  /**
   * Returns the route of an earlier version. A range in progress is finished with the version that it began with, so
   * that no record is delivered twice. Undefined if the version is no longer known.
   */
  readonly earlierRoute?: (version: number) => Route | undefined;
  readonly counters: DeliveryObserver;
  /** Called after a checkpoint advanced. */
  readonly onCheckpoint?: () => void;
}

/** The steps that the records of a range pass through, in this order. */
export interface Route {
  /** Splits aggregated records of the Kinesis Producer Library. */
  readonly deaggregates?: boolean;
  readonly processing?: Processing;
  readonly destination: Destination;
  readonly errorOutput: ErrorOutput;
}

/** Transforms records before they are delivered. */
export interface Processing {
  /**
   * Whether two attempts at the same records may give different results. If so, the result is stored before it is
   * delivered.
   */
  readonly mayVary: boolean;
  /** What a record of the source counts towards the size of a range; the length of its data if absent. */
  readonly sizeOf?: (record: { readonly data: Uint8Array }) => number;
  /** Throws on a transient failure. */
  process(records: readonly DeliveryRecord[], context: ProcessingContext): Promise<Processed>;
}

export interface ProcessingContext {
  readonly deliveryId: string;
  readonly signal: AbortSignal;
  /** Of what it calls. */
  readonly trace?: TraceContext | undefined;
}

export interface Processed {
  readonly records: readonly DeliveryRecord[];
  readonly refused: readonly RefusedRecord[];
}

/** A shard's batch is delivered as soon as it reaches one of these bounds. */
export interface Buffering {
  /** The sum of the records' data. */
  readonly bytesMax: number;
  readonly recordsMax: number;
  /** The age of the oldest record, by arrival. */
  readonly ageMsMax: number;
}

/** The result of delivering a range. */
export interface RangeOutcome extends Omit<DeliveryResult, 'refused'> {
  /** Source records. */
  readonly records: number;
  readonly bytesIn: number;
  readonly refused: number;
  /** The age of the oldest record. */
  readonly ageMs: number;
  /** How far the newest record is behind the tail of its shard, if the range was just read. */
  readonly millisBehindLatest?: number;
}

export interface DeliveryObserver {
  delivered(outcome: RangeOutcome): void;
  /** An attempt failed and will be repeated. */
  failed(ageMs: number, error: unknown): void;
  /** Records were refused permanently and written to the error output. */
  refused?(records: readonly RefusedRecord[]): void;
  release(): void;
}
