import type { KinesisReads } from '../context.ts';
import type { Shard } from '../shards/shard.ts';
import type { Stream } from './stream.ts';

/** The members that DescribeStream and DescribeStreamSummary share. */
export function describeCommon(kinesis: KinesisReads, stream: Stream) {
  const { row } = stream;
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    StreamStatus: kinesis.streams.status(stream),
    StreamModeDetails: { StreamMode: row.mode },
    RetentionPeriodHours: row.retentionHours,
    StreamCreationTimestamp: new Date(row.createdMs),
    EnhancedMonitoring: [{ ShardLevelMetrics: shardMetricNames(row.shardMetrics) }],
    EncryptionType: row.encryptionKeyId === undefined ? ('NONE' as const) : ('KMS' as const),
    KeyId: row.encryptionKeyId,
  };
}

type MetricNames = ('IncomingBytes' | 'IncomingRecords')[];

/** EnableEnhancedMonitoring validated the names before they were stored. */
export function shardMetricNames(names: readonly string[]): MetricNames {
  return [...names] as MetricNames;
}

/** The listed shards: none while the stream is being created, and none whose records have all expired. */
export function listedShards(kinesis: KinesisReads, stream: Stream): Shard[] {
  if (kinesis.streams.status(stream) === 'CREATING') return [];
  const nowMs = kinesis.clock.now();
  return [...stream.shards].filter((shard) => !stream.hasExpired(shard, nowMs));
}
