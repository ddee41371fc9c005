/** Streams as the console shows them: nothing that it returns moves a position or counts as a read. */
export interface StreamInspector {
  /** Names of all streams, in no order. */
  names(): Iterable<string>;
  /** Undefined if there is no such stream. */
  stream(name: string): InspectedStream | undefined;
  /** When the record at this index of the shard arrived; undefined if there is none. */
  arrivalOf(stream: string, shardId: string, index: number): Promise<number | undefined>;
  /** The index of the oldest record that has not expired. */
  oldestIndex(stream: string, shardId: string): Promise<number | undefined>;
  /** The index of the record in its shard; undefined for a number that is not of this shard. */
  indexOf(stream: string, shardId: string, sequenceNumber: string): number | undefined;
  /** The sequence number of the record at this index, as a position; its arrival time is not in it. */
  sequenceNumberAt(stream: string, shardId: string, index: number): string | undefined;
  /** The index of the next record to come. */
  nextIndex(stream: string, shardId: string): number | undefined;
  /** Who has read the stream by polling or by subscription since the server started, within bounds. */
  readers(stream: string): readonly SeenReader[];
}

export interface InspectedStream {
  readonly name: string;
  readonly arn: string;
  readonly incarnation: string;
  readonly status: string;
  readonly mode: string;
  readonly createdMs: number;
  readonly retentionMs: number;
  readonly isEncrypted: boolean;
  readonly openShards: number;
  /** Looked up when asked for: a server may have very many. */
  readonly shards: readonly InspectedShard[];
}

export interface InspectedShard {
  readonly shardId: string;
  readonly parentShardIds: readonly string[];
  readonly openedMs: number;
  readonly closedMs: number | undefined;
  /** Decimal. */
  readonly startingHashKey: string;
  readonly endingHashKey: string;
  /** The index of the next record to come. */
  readonly nextIndex: number;
  /** Of the newest record; 0 if there was none. */
  readonly lastArrivalMs: number;
}

/** One reader in one shard. */
export interface SeenReader {
  readonly kind: 'polling' | 'registered';
  /** The caller's ARN or access key, or the name of the registered consumer. */
  readonly caller: string;
  /** Empty for registered consumers. */
  readonly userAgent: string;
  readonly shardId: string;
  /** The index of the next record that it reads. */
  readonly nextIndex: number;
  readonly lastSeenMs: number;
  /** Records that it has read since it was first seen. */
  readonly records: number;
  readonly firstSeenMs: number;
}
