import type { TraceContext } from '../support/trace-context.ts';

/** A processed record that is to be delivered. */
export interface DeliveryRecord {
  readonly data: Uint8Array;
  readonly arrivalMs: number;
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** The index within an aggregated record; 0 for other records. */
  readonly subSequenceNumber: number;
  readonly partitionKey: string;
  /** The partition keys that a jq query or a function returned, for dynamic partitioning. */
  readonly partitionKeys?: ReadonlyMap<string, string>;
}

/** Records of one shard, in order, that are delivered together. The same id means the same source records. */
export interface DeliveryBatch {
  /** Unique, never reused: the delivery, the incarnation of the stream, the shard and the sequence range. */
  readonly deliveryId: string;
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
  /** The arrival of the first source record. */
  readonly firstArrivalMs: number;
  /** Empty if processing dropped or refused all source records. */
  readonly records: readonly DeliveryRecord[];
  /** The result of `Destination.decide` when this range began. */
  readonly decision?: Decision;
  /** For requests to endpoints that may pass it on. */
  readonly trace?: TraceContext | undefined;
}

/** A small JSON value. */
export type Decision = Readonly<Record<string, string | number | boolean>>;

/** A permanently refused record: it is written to the error output and counts as failed. */
export interface RefusedRecord {
  readonly record: DeliveryRecord;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly attempts: number;
  /** Firehose's `error-output-type`, e.g. `processing-failed`; the destination's own type if absent. */
  readonly outputType?: string;
}

export interface DeliveryResult {
  readonly delivered: number;
  /** The size as stored, after compression. */
  readonly bytes: number;
  /** The number of objects written. */
  readonly objects?: number;
  readonly refused: readonly RefusedRecord[];
}

export interface Destination {
  /**
   * Delivers the batch durably. Delivering the same range again changes nothing, if the target allows it (exactly
   * once). Throws on a transient failure: the delivery waits and retries, and advances its checkpoint only on success.
   * Aborting `signal` ends waits and attempts with an error.
   */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult>;
  /**
   * Fixes settings that could change between two attempts at one range, such as the version of a schema. The result is
   * durable before the first attempt, and the batch of every attempt includes it.
   */
  decide?(): Promise<Decision>;
  close(): Promise<void>;
}

/** Where refused records are written. Writing the same records of a batch again changes nothing. */
export interface ErrorOutput {
  write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void>;
}
