import type { StreamSource } from '../consumers/source.ts';
import type {
  DeliveryRecord,
  DeliveryResult,
  Destination,
  ErrorOutput,
  RefusedRecord,
} from './destination.ts';

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
  readonly route: Route;
  /** The version of the route; stored with each range. */
  readonly version?: number;
  /**
   * The route of an earlier version, with which a range in progress was begun: the range is finished as it was begun,
   * so that no record gets into two objects. Undefined if the version is not known any more.
   */
  readonly earlierRoute?: (version: number) => Route | undefined;
  readonly counters: DeliveryObserver;
  /** Called after a checkpoint advanced. */
  readonly onCheckpoint?: () => void;
}

/** What happens to the records of a range, in this order. */
export interface Route {
  /** Takes aggregated records of the Kinesis Producer Library apart. */
  readonly deaggregates?: boolean;
  readonly processing?: Processing;
  readonly destination: Destination;
  readonly errorOutput: ErrorOutput;
}

/** Transforms records before they are delivered. */
export interface Processing {
  /** Whether the result may differ between two attempts at the same records. It is then stored before it is delivered. */
  readonly mayVary: boolean;
  /** What a record of the source counts towards the size of a range; the length of its data if absent. */
  readonly sizeOf?: (record: { readonly data: Uint8Array }) => number;
  /** Throws for a failure that may pass. */
  process(records: readonly DeliveryRecord[], context: ProcessingContext): Promise<Processed>;
}

export interface ProcessingContext {
  readonly deliveryId: string;
  readonly signal: AbortSignal;
}

export interface Processed {
  readonly records: readonly DeliveryRecord[];
  readonly refused: readonly RefusedRecord[];
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
  /** How far the newest record is behind the tail of its shard, if it was just read. */
  readonly millisBehindLatest?: number;
}

export interface DeliveryObserver {
  delivered(outcome: Outcome): void;
  /** An attempt failed and will be repeated. */
  failed(ageMs: number, error: unknown): void;
  /** Records were refused for good, and are in the error output. */
  refused?(records: readonly RefusedRecord[]): void;
  release(): void;
}
