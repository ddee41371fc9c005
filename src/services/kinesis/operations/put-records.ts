import type { PutRecordsInput, PutRecordsOutput, PutRecordsResultEntry } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import { EncodedOutput } from '../../../protocol/service.ts';
import type { Handler, Kinesis } from '../context.ts';
import { dryRun, invalidArgument, shardRateExceeded } from '../errors.ts';
import { countPut } from '../put/metrics.ts';
import { putRecords as store } from '../put/put.ts';
import type { PutEntry } from '../put/pack.ts';
import { PreparsedPutRecords } from '../put/preparsed.ts';
import type { PutPlace } from '../put/append.ts';
import { checkEntry, UTF8_BYTES_MAX } from '../put/checks.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Stores up to 500 records in one step. Stronger than on AWS: the records that limits allow are stored all or none, and
 * records of one shard keep the order of the request. A retry with the same amz-sdk-invocation-id stores nothing again.
 */
export const putRecords: Handler<PutRecordsInput, PutRecordsOutput | EncodedOutput> = async (
  kinesis,
  input,
  call,
) => {
  const stream = kinesis.streams.resolveForData(input);
  const entries = input.Records.map(({ PartitionKey, ExplicitHashKey, Data }, ordinal) => {
    return checkEntry(stream, PartitionKey, ExplicitHashKey, Data, `records.${ordinal + 1}.member.`);
  });
  checkTotal(entries);
  if (input.DryRun === true) throw dryRun();
  const startedMs = kinesis.clock.now();
  const metrics = stream.metrics.putRecords;
  const count = entries.length;
  let stored = 0;
  let throttled = 0;
  try {
    const places = await store(kinesis, stream, entries, call, PreparsedPutRecords.recordsOf(input));
    stored = storedOf(places);
    metrics.bytes.add(countPut(stream, entries, places));
    throttled = count - stored;
    const rest: Omit<PutRecordsOutput, 'Records'> = {
      FailedRecordCount: throttled,
      EncryptionType: stream.row.encryptionKeyId === undefined ? undefined : 'KMS',
    };
    const describeAll = () => ({ ...rest, Records: places.map((place) => describe(kinesis, stream, place)) });
    if (throttled > 0) return describeAll();
    return new EncodedOutput(() => placesJson(places, rest), describeAll);
  } finally {
    const tookMs = kinesis.clock.now() - startedMs;
    metrics.latency.add(tookMs);
    metrics.latencies.add(tookMs);
    metrics.success.add(stored > 0 ? 1 : 0);
    metrics.records.add(stored);
    metrics.total.add(count);
    metrics.successful.add(stored);
    metrics.failed.add(count - stored);
    metrics.throttled.add(throttled);
  }
};

/** The limit counts data and partition keys. */
function checkTotal(entries: readonly PutEntry[]): void {
  const most = kinesisLimits.putRecordsBytesMax;
  let mostBytes = 0;
  for (const { data, partitionKey } of entries)
    mostBytes += data.length + partitionKey.length * UTF8_BYTES_MAX;
  if (mostBytes <= most) return;
  let bytes = 0;
  for (const { data, partitionKey } of entries) bytes += data.length + Buffer.byteLength(partitionKey);
  if (bytes > most) throw invalidArgument(`Records size exceeds ${most / 1024 / 1024} MB limit`);
}

function storedOf(places: readonly PutPlace[]): number {
  let stored = 0;
  for (const { sequenceNumber } of places) if (sequenceNumber !== undefined) stored++;
  return stored;
}

/**
 * For the case that all records were stored: builds the JSON directly, because creating an object per record would take
 * longer than everything else.
 */
function placesJson(places: readonly PutPlace[], rest: object): string {
  let records = '';
  for (const { shard, sequenceNumber } of places) {
    records += `${records === '' ? '' : ','}{"SequenceNumber":"${sequenceNumber}","ShardId":"${shard.id}"}`;
  }
  return `${JSON.stringify(rest).slice(0, -1)},"Records":[${records}]}`;
}

/** A record that exceeds its shard's limits fails individually; the call succeeds. */
function describe(kinesis: Kinesis, stream: Stream, place: PutPlace): PutRecordsResultEntry {
  const { shard, sequenceNumber } = place;
  if (sequenceNumber !== undefined) return { SequenceNumber: sequenceNumber, ShardId: shard.id };
  const { code, message } = shardRateExceeded(shard.id, stream.name, kinesis.accountId);
  return { ErrorCode: code, ErrorMessage: message };
}
