/** The list log's own API, as its handlers see it; api.json has the bounds. */
export interface CreateListLogInput {
  readonly ListLogName: string;
  /** Name or ARN; the stream may be created later. */
  readonly Stream: string;
  readonly Bucket: string;
  readonly Key: string;
  readonly Format?: string;
  readonly TimeZone?: string;
  readonly StartingPosition?: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  readonly StartingPositionTimestamp?: Date;
  /** The endpoint of another S3. */
  readonly Endpoint?: string;
  readonly Region?: string;
}

export interface ListLogName {
  readonly ListLogName: string;
}

export interface ListListLogsInput {
  readonly Limit?: number;
  readonly ExclusiveStartListLogName?: string;
}

export interface ListLogDescription {
  readonly ListLogName: string;
  readonly Stream: string;
  readonly Bucket: string;
  readonly Key: string;
  readonly Format: string;
  readonly TimeZone: string;
  readonly StartingPosition: 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP';
  readonly StartingPositionTimestamp?: Date;
  readonly Endpoint?: string;
  readonly Region?: string;
  readonly Status: 'ACTIVE' | 'WAITING_FOR_STREAM' | 'FAILING';
  readonly StatusReason?: string;
  readonly CreationTimestamp: Date;
  /** Lines that this list log has written to the object; absent until the object has been read. */
  readonly Lines?: number;
  readonly RawLines?: number;
  readonly ObjectSizeBytes?: number;
  readonly LastWriteTimestamp?: Date;
  readonly MillisBehindLatest?: number;
  readonly Shards?: readonly ShardProgress[];
}

export interface ShardProgress {
  readonly ShardId: string;
  /** The last record whose line is in the object. */
  readonly SequenceNumber?: string;
  readonly Finished: boolean;
}
