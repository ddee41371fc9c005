/** A record as GetRecords answers it, and the lines of --ndjson have it: nothing is decoded that nobody looks at. */
export interface ReadRecord {
  readonly SequenceNumber: string;
  /** Seconds since the epoch. */
  readonly ApproximateArrivalTimestamp: number;
  /** In base64. */
  readonly Data: string;
  readonly PartitionKey: string;
}

/** Records of one shard, in order. */
export interface ReadBatch {
  readonly shardId: string;
  readonly records: readonly ReadRecord[];
  /** How far the end of the batch is behind the end of the shard. */
  readonly behindMs: number;
}

/** One JSON object with AWS's names: `nagare put --ndjson` takes it, and so does `jq`. Base64 needs no escapes. */
export function ndjsonLine(shardId: string, record: ReadRecord): string {
  const time = new Date(Math.round(record.ApproximateArrivalTimestamp * 1000)).toISOString();
  return `{"ShardId":"${shardId}","SequenceNumber":"${record.SequenceNumber}","ApproximateArrivalTimestamp":"${time}","PartitionKey":${JSON.stringify(record.PartitionKey)},"Data":"${record.Data}"}\n`;
}
