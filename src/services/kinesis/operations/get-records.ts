import type { GetRecordsInput, GetRecordsOutput, _Record } from '@aws-sdk/client-kinesis';
import type { RecordBatch } from '../../../engine/engine.ts';
import { kinesisLimits } from '../limits.ts';
import { type Checked, EncodedOutput } from '../../../protocol/service.ts';
import { acquireBuffer } from '../../../support/buffer-pool.ts';
import type { ReadHandler, KinesisReads } from '../context.ts';
import { dryRun, invalidArgument, shardDoesNotExist, shardRateExceeded } from '../errors.ts';
import type { IteratorFields } from '../read/iterator.ts';
import { eachRecord, readShard, type ShardRead } from '../read/read.ts';
import { expectedJsonBytes, plainBytes, type RecordBytes, recordsJson } from '../records/records-json.ts';
import { beforeResponse, readBytesGranted } from '../read/read-memory.ts';
import { type Shard, shardIdOf } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';
import { getInThread } from '../threads/get-job.ts';
import { threadsFor } from '../threads/threads.ts';
import type { StreamThrottle } from '../throttle/stream-throttle.ts';

/**
 * Reads records of a shard, starting at an iterator: up to 10,000 records or 10 MiB, fewer when many responses wait for
 * slow clients (as on AWS, a short response does not mean the end of the shard). At the end of a closed shard it
 * returns ChildShards instead of NextShardIterator.
 */
export const getRecords: ReadHandler<GetRecordsInput, GetRecordsOutput | EncodedOutput> = async (
  kinesis,
  input,
  { http: { responseMemory, headers }, principal },
) => {
  const iterator = kinesis.iterators.open(input.ShardIterator, kinesis.clock.now());
  const { stream, shard } = find(kinesis, input, iterator);
  if (input.DryRun === true) throw dryRun();
  const startedMs = kinesis.clock.now();
  const metrics = stream.metrics.getRecords;
  const throttle = kinesis.throttles.of(stream);
  try {
    if (throttle !== undefined) admit(kinesis, stream, shard, throttle);
    const read = await readShard(kinesis, stream, shard, iterator.position, {
      maxRecords: input.Limit ?? kinesisLimits.getRecordsMax,
      maxBytes: readBytesGranted(responseMemory, kinesisLimits.getRecordsBytesMax),
    });
    await beforeResponse(responseMemory, bytesRead(read));
    const describe = () => describeRecords(kinesis, stream, shard, read);
    const plain = plainBytes(read);
    const records = plain === undefined ? describe() : undefined;
    const bytes = plain ?? bytesOf(records ?? []);
    count(kinesis, stream, shard, read, bytes.data);
    throttle?.chargeRead(shard, bytes.data + bytes.keys);
    metrics.success.add(1);
    kinesis.readers.saw(stream, shard, principal, headers['user-agent'], {
      nextIndex: read.nextPosition,
      records: read.batches.reduce((sum, batch) => sum + batch.count, 0),
      nowMs: startedMs,
    });
    const rest = {
      NextShardIterator: read.ended ? undefined : nextIterator(kinesis, iterator, read.nextPosition),
      MillisBehindLatest: read.millisBehindLatest,
      ChildShards: read.ended ? stream.children(shard).map((child) => child.describeChild()) : undefined,
    };
    if (records !== undefined) return { Records: records, ...rest };
    return encoded(kinesis, shard, read.batches, JSON.stringify(rest), () => ({
      Records: describe(),
      ...rest,
    }));
  } catch (error) {
    metrics.success.add(0);
    throw error;
  } finally {
    const tookMs = kinesis.clock.now() - startedMs;
    metrics.latency.add(tookMs);
    metrics.latencies.add(tookMs);
  }
};

/** `after` has the members after Records. */
function encoded(
  { threads }: KinesisReads,
  shard: Shard,
  batches: readonly RecordBatch[],
  after: string,
  value: () => object,
): EncodedOutput {
  const json = () => recordsJson(shard, batches, after, acquireBuffer(expectedJsonBytes(batches, after)));
  if (threads === undefined) return new EncodedOutput(json, value);
  const free = threadsFor(bytesRead({ batches }), threads);
  return new EncodedOutput(json, value, free && (() => getInThread(free, shard, batches, after)));
}

function bytesRead({ batches }: Pick<ShardRead, 'batches'>): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Throws ProvisionedThroughputExceededException. */
function admit(kinesis: KinesisReads, stream: Stream, shard: Shard, throttle: StreamThrottle): void {
  const refused = throttle.admitRead(shard) ? 0 : 1;
  stream.metrics.throttled.reads.add(refused);
  stream.shardMetrics(shard)?.add('ReadProvisionedThroughputExceeded', refused);
  if (refused > 0) throw shardRateExceeded(shard.id, stream.name, kinesis.accountId);
}

/** Includes partition keys, as limits do. */
function bytesOf(records: readonly _Record[]): RecordBytes {
  const bytes = { data: 0, keys: 0 };
  for (const { Data, PartitionKey } of records) {
    bytes.data += Data?.length ?? 0;
    bytes.keys += Buffer.byteLength(PartitionKey ?? '');
  }
  return bytes;
}

/** Looks the stream up by ID: an iterator is not valid for another stream of the same name. */
function find(kinesis: KinesisReads, input: Checked<GetRecordsInput>, iterator: IteratorFields) {
  const { streams } = kinesis;
  const stream = streams.byId(iterator.streamId);
  const shard = stream?.shard(iterator.shardIndex);
  const gone = () =>
    shardDoesNotExist(shardIdOf(iterator.shardIndex), iterator.streamName, kinesis.accountId);
  if (stream === undefined || shard === undefined || stream.hasExpired(shard, kinesis.clock.now()))
    throw gone();
  if (streams.status(stream) === 'DELETING') throw gone();
  const named = input.StreamARN !== undefined || input.StreamId !== undefined;
  if (named && streams.resolveForData(input) !== stream) {
    throw invalidArgument('The ShardIterator is not of the stream that is specified.');
  }
  return { stream, shard };
}

function describeRecords(kinesis: KinesisReads, stream: Stream, shard: Shard, read: ShardRead): _Record[] {
  const records: _Record[] = [];
  for (const batch of read.batches) {
    const ApproximateArrivalTimestamp = new Date(batch.arrivalMs);
    eachRecord(kinesis, stream, shard, batch, ({ data, partitionKey }, SequenceNumber, encrypted) => {
      const record: _Record = {
        SequenceNumber,
        ApproximateArrivalTimestamp,
        Data: data,
        PartitionKey: partitionKey,
      };
      if (encrypted) record.EncryptionType = 'KMS';
      records.push(record);
    });
  }
  return records;
}

function nextIterator(kinesis: KinesisReads, iterator: IteratorFields, position: number): string {
  return kinesis.iterators.encode({ ...iterator, position, createdMs: kinesis.clock.now() });
}

function count(kinesis: KinesisReads, stream: Stream, shard: Shard, read: ShardRead, bytes: number): void {
  const metrics = stream.metrics.getRecords;
  const records = read.batches.reduce((sum, batch) => sum + batch.count, 0);
  const newestMs = read.batches.at(-1)?.arrivalMs;
  const ageMs = newestMs === undefined ? 0 : Math.max(0, kinesis.clock.now() - newestMs);
  metrics.bytes.add(bytes);
  metrics.records.add(records);
  metrics.iteratorAgeMs.add(ageMs);
  metrics.iteratorAge.add(ageMs);
  const ofShard = stream.shardMetrics(shard);
  ofShard?.add('OutgoingBytes', bytes);
  ofShard?.add('OutgoingRecords', records);
  ofShard?.add('IteratorAgeMilliseconds', ageMs);
}
