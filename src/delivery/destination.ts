/** A record on its way: after processing, before the destination. */
export interface DeliveryRecord {
  readonly data: Uint8Array;
  readonly arrivalMs: number;
  readonly shardId: string;
  readonly sequenceNumber: string;
  /** The index within an aggregated record; else 0. */
  readonly subSequenceNumber: number;
  readonly partitionKey: string;
  /** Dynamic partitioning: the keys that a jq query or a function returned. */
  readonly partitionKeys?: ReadonlyMap<string, string>;
}

/** Records of one shard, in order, that are delivered together. A batch with the same id has the same source records. */
export interface DeliveryBatch {
  /** Unique, never reused: the delivery, the incarnation of the stream, the shard and the sequence range. */
  readonly deliveryId: string;
  readonly shardId: string;
  readonly firstSequenceNumber: string;
  readonly lastSequenceNumber: string;
  /** The arrival of the first source record. */
  readonly firstArrivalMs: number;
  /** May be empty: processing may drop or refuse all source records. */
  readonly records: readonly DeliveryRecord[];
  /** What `Destination.decide` returned when this range began. */
  readonly decision?: Decision;
}

/** A small JSON value. */
export type Decision = Readonly<Record<string, string | number | boolean>>;

/** A record that is refused for good: it goes to the error output and counts as failed. */
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
   * Delivers the batch durably. Repeating it with the same range changes nothing (exactly once where the target
   * allows it). Throws for a failure that may pass: the delivery waits and calls again; the checkpoint advances only
   * after success. Aborting `signal` ends waits and attempts with an error.
   */
  deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult>;
  /**
   * Decides what may change between two attempts at one range, such as the version of a schema. The result is durable
   * before the first attempt and part of the batch in all of them.
   */
  decide?(): Promise<Decision>;
  close(): Promise<void>;
}

/** Where refused records are written. Writing the same records of a batch again changes nothing. */
export interface ErrorOutput {
  write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void>;
}
