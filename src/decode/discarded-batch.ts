import { decodeLimits } from './limits.ts';

/** The records that a function gave up, as the report says on them (Lambda's guide, "Retain discarded batches"). */
export interface DiscardedBatch {
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  readonly batchSize: number;
  readonly condition: string;
}

interface Report {
  readonly requestContext?: { readonly functionArn?: string; readonly condition?: string };
  readonly KinesisBatchInfo?: Omit<DiscardedBatch, 'functionArn' | 'condition'>;
}

/** As GetRecords answers it. */
interface StreamRecord {
  readonly SequenceNumber: string;
  /** Seconds since the epoch. */
  readonly ApproximateArrivalTimestamp: number;
  /** In base64. */
  readonly Data: string;
  readonly PartitionKey: string;
}

/** Undefined for any other message. */
export function discardedBatchIn(body: string): DiscardedBatch | undefined {
  let report: Report | null;
  try {
    report = JSON.parse(body) as Report | null; // checked below
  } catch {
    return undefined;
  }
  const info = report?.KinesisBatchInfo;
  const functionArn = report?.requestContext?.functionArn;
  if (typeof info?.streamArn !== 'string' || typeof functionArn !== 'string') return undefined;
  return { ...info, functionArn, condition: report?.requestContext?.condition ?? '' };
}

/** `2 records of shardId-000000000000 for bill (RetryAttemptsExhausted)` */
export function describeBatch({ batchSize, shardId, functionArn, condition }: DiscardedBatch): string {
  return `${batchSize} records of ${shardId} for ${functionArn.split(':').at(-1)} (${condition})`;
}

/** Reads the batch from its stream, with operations of Kinesis: undefined if its retention is over. */
export async function recordsOfBatch(
  { streamArn, shardId, startSequenceNumber, endSequenceNumber }: DiscardedBatch,
  kinesis: <Output>(operation: string, input: object) => Promise<Output>,
): Promise<StreamRecord[] | undefined> {
  const records: StreamRecord[] = [];
  let { ShardIterator } = await kinesis<{ ShardIterator: string | undefined }>('GetShardIterator', {
    StreamARN: streamArn,
    ShardId: shardId,
    ShardIteratorType: 'AT_SEQUENCE_NUMBER',
    StartingSequenceNumber: startSequenceNumber,
  });
  const end = BigInt(endSequenceNumber);
  while (ShardIterator !== undefined && records.length < decodeLimits.discardedRecordsMax) {
    const page: { Records: StreamRecord[]; NextShardIterator?: string; MillisBehindLatest?: number } =
      await kinesis('GetRecords', { ShardIterator });
    const own = page.Records.filter(({ SequenceNumber }) => BigInt(SequenceNumber) <= end);
    records.push(...own);
    const isPast = own.length < page.Records.length || records.at(-1)?.SequenceNumber === endSequenceNumber;
    if (isPast || page.MillisBehindLatest === 0) break;
    ShardIterator = page.NextShardIterator;
  }
  return records[0]?.SequenceNumber === startSequenceNumber ? records : undefined;
}

/** The event with which the mapping has invoked the function, as JSON. */
export function eventOfBatch(
  { shardId, streamArn }: DiscardedBatch,
  records: readonly StreamRecord[],
): string {
  const Records = records.map((record) => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data: record.Data,
      approximateArrivalTimestamp: record.ApproximateArrivalTimestamp,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    awsRegion: streamArn.split(':')[3] ?? '',
    eventSourceARN: streamArn,
  }));
  return JSON.stringify({ Records });
}

/** Why an invocation failed, by what it has answered; a function may report failed records instead of throwing. */
export function failureOf(error: string | undefined, result: string): string | undefined {
  if (error !== undefined) return `${error}: ${result}`;
  return hasFailures(result) ? `it reported failures: ${result}` : undefined;
}

function hasFailures(result: string): boolean {
  try {
    const answer: unknown = JSON.parse(result);
    if (typeof answer !== 'object' || answer === null || !('batchItemFailures' in answer)) return false;
    return Array.isArray(answer.batchItemFailures) && answer.batchItemFailures.length > 0;
  } catch {
    return false;
  }
}
