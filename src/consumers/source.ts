/**
 * The streams as their readers see them: event source mappings, list logs, deliveries. services/kinesis implements it
 * over the engine; consumers know nothing else about streams.
 */
export interface StreamSource {
  /**
   * Finds a stream by name or ARN, or by the ARN of one of its registered consumers; undefined if it does not exist
   * or is being deleted.
   */
  describe(stream: string): StreamView | undefined;

  /**
   * Opens a reader of one shard. TRIM_HORIZON and LATEST are resolved now. Throws UnknownShardError if this
   * incarnation of the stream or the shard no longer exists.
   */
  open(stream: StreamView, shardId: string, position: StartingPosition): Promise<ShardReader>;

  /** Calls back after a stream was created, deleted or resharded. The returned function unsubscribes. */
  onChange(listener: (streamName: string) => void): () => void;
}

export interface StreamView {
  readonly name: string;
  readonly arn: string;
  /** Distinguishes streams that had the same name at different times. */
  readonly incarnation: string;
  /** All shards that are open or still have records, parents before children. */
  readonly shards: readonly ShardView[];
}

export interface ShardView {
  readonly shardId: string;
  /** None, one (split) or two (merge). The parents may no longer be in the list. */
  readonly parentShardIds: readonly string[];
  readonly closed: boolean;
  /** The shard's range of hash keys, both ends included; all open shards together cover 0 to 2^128-1. */
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
}

export type StartingPosition =
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'LATEST' }
  | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number }
  | { readonly type: 'AT_SEQUENCE_NUMBER'; readonly sequenceNumber: string }
  | { readonly type: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** A position before the oldest kept record means that record. */
export type StoredPosition = Extract<
  StartingPosition,
  { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER' }
>;

export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly explicitHashKey: string | undefined;
  readonly data: Uint8Array;
  readonly arrivalMs: number;
}

export interface ShardReader {
  /**
   * Where the next read begins. Never TRIM_HORIZON or LATEST, so that it means the same place after a restart.
   * Defined for an empty shard too (AT_SEQUENCE_NUMBER of its first record to come).
   */
  position(): StoredPosition;
  /**
   * Returns the next records and how far they are behind the tail, and advances. Returns no records at the tail;
   * never waits.
   */
  read(limits: { readonly maxRecords: number; readonly maxBytes: number }): Promise<ShardRecords>;
  /** Resolves when there is something to read, the shard has ended, or the signal aborts. Uses no timer. */
  wait(signal: AbortSignal): Promise<void>;
}

export interface ShardRecords {
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
  /** The shard is closed and has been read completely: no more records will come. */
  readonly ended: boolean;
}

export class UnknownShardError extends Error {
  override readonly name = 'UnknownShardError';
}
