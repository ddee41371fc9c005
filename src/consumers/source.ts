/**
 * What every reader of a stream sees, whoever keeps the stream: event source mappings, the list log, deliveries.
 * kinesis/ implements it over the engine; consumers know nothing else of streams.
 */
export interface StreamSource {
  /**
   * By name or ARN, or by the ARN of one of its registered consumers; undefined when there is no such stream or
   * consumer (or it is being deleted).
   */
  describe(stream: string): StreamView | undefined;

  /**
   * A reader of one shard. `position` TRIM_HORIZON and LATEST mean as of now. Throws UnknownShardError when the
   * stream (of this very creation) or the shard is gone.
   */
  open(stream: StreamView, shardId: string, position: StartingPosition): Promise<ShardReader>;

  /** Calls back after a stream was created, deleted or resharded; the returned function unsubscribes. */
  onChange(listener: (streamName: string) => void): () => void;
}

export interface StreamView {
  readonly name: string;
  readonly arn: string;
  /** Differs between streams of the same name that were created one after the other. */
  readonly incarnation: string;
  /** All shards that still hold records or are open, parents before their children. */
  readonly shards: readonly ShardView[];
}

export interface ShardView {
  readonly shardId: string;
  /** None, one (split) or two (merge); they may have left the list. */
  readonly parentShardIds: readonly string[];
  readonly closed: boolean;
  /** The hash keys that the shard takes, both inclusive: 0 to 2^128-1 over all open shards. */
  readonly startingHashKey: bigint;
  readonly endingHashKey: bigint;
}

export type StartingPosition =
  | { readonly type: 'TRIM_HORIZON' }
  | { readonly type: 'LATEST' }
  | { readonly type: 'AT_TIMESTAMP'; readonly timestampMs: number }
  | { readonly type: 'AT_SEQUENCE_NUMBER'; readonly sequenceNumber: string }
  | { readonly type: 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** Positions before the oldest kept record mean that one. */
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
   * Where the next read begins: never TRIM_HORIZON or LATEST, so that it can be stored and opened again after a
   * restart and means the same place. A shard without records has one too (AT_SEQUENCE_NUMBER of its first to come).
   */
  position(): StoredPosition;
  /** The next records and how far behind the tail they end; advances. None at the tail. Never waits for new ones. */
  read(limits: { readonly maxRecords: number; readonly maxBytes: number }): Promise<ShardRecords>;
  /** Resolves when there is something to read, or the shard has ended, or the signal aborts. No timer is involved. */
  wait(signal: AbortSignal): Promise<void>;
}

export interface ShardRecords {
  readonly records: readonly StreamRecord[];
  readonly millisBehindLatest: number;
  /** The shard is closed and everything in it has been read: nothing will ever follow. */
  readonly ended: boolean;
}

export class UnknownShardError extends Error {
  override readonly name = 'UnknownShardError';
}
