import type { PutRecordsInput, PutRecordsOutput } from '@aws-sdk/client-kinesis';
import { limits } from '../../limits.ts';
import type { Handler } from '../context.ts';
import { dryRun, invalidArgument } from '../errors.ts';
import { countPut } from '../put-metrics.ts';
import { putRecords as store } from '../put.ts';
import { checkEntry } from '../put-checks.ts';

/**
 * Stores up to 500 records in one step: better than on AWS, all of them are stored or none, and records of one
 * shard lie in the order of the request. Repeated with the same amz-sdk-invocation-id, it stores nothing again.
 */
export const putRecords: Handler<PutRecordsInput, PutRecordsOutput> = async (kinesis, input, call) => {
  const stream = kinesis.streams.resolveForData(input);
  let totalBytes = 0;
  const entries = input.Records.map(({ PartitionKey, ExplicitHashKey, Data }, ordinal) => {
    totalBytes += Data.length + (PartitionKey?.length ?? 0);
    return checkEntry(stream, PartitionKey, ExplicitHashKey, Data, `records.${ordinal + 1}.member.`);
  });
  if (totalBytes > limits.kinesisPutRecordsBytesMax) {
    throw invalidArgument(`Records size exceeds ${limits.kinesisPutRecordsBytesMax / 1024 / 1024} MB limit`);
  }
  if (input.DryRun === true) throw dryRun();
  const startedMs = kinesis.clock.now();
  const metrics = stream.metrics.putRecords;
  const count = entries.length;
  let stored = 0;
  try {
    const places = await store(kinesis, stream, entries, call);
    stored = places.length;
    metrics.bytes.add(countPut(stream, entries, places));
    return {
      FailedRecordCount: 0,
      Records: places.map(({ shard, sequenceNumber }) => ({
        SequenceNumber: sequenceNumber,
        ShardId: shard.id,
      })),
      EncryptionType: stream.row.encryptionKeyId === undefined ? undefined : 'KMS',
    };
  } finally {
    metrics.latency.add(kinesis.clock.now() - startedMs);
    metrics.success.add(stored > 0 ? 1 : 0);
    metrics.records.add(stored);
    metrics.total.add(count);
    metrics.successful.add(stored);
    metrics.failed.add(count - stored);
    metrics.throttled.add(0);
  }
};
