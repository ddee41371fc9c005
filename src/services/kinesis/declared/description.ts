import {
  compact,
  type Description,
  type TerraformImport,
  undeclaredParts,
} from '../../../declarations/description.ts';
import { kinesisLimits } from '../limits.ts';
import { DEFAULT_KEY_TEMPLATE } from '../channels/key-template.ts';
import type { ChannelRow } from '../channels/rows.ts';
import type { Kinesis } from '../context.ts';
import { consumersOf } from '../read/consumers.ts';
import type { Stream } from '../streams/stream.ts';

/** All streams with their consumers and channels. */
export function describeStreams(kinesis: Kinesis): Description {
  const streams = [...kinesis.streams.all()]
    .filter(({ row }) => row.status !== 'DELETING')
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return {
    sections: {
      streams: Object.fromEntries(streams.map((stream) => [stream.name, declaredStream(kinesis, stream)])),
    },
    imports: streams.flatMap((stream) => importsOf(kinesis, stream)),
    undeclared: streams.flatMap((stream) => {
      const path = `streams.${stream.name}`;
      const consumers = consumersOf(kinesis, stream);
      return [
        ...undeclaredParts(path, { 'its shard-level metrics': stream.row.shardMetrics }),
        ...consumers.flatMap(({ row }) =>
          undeclaredParts(`${path}.consumers.${row.name}`, {
            'its policy': row.policy,
            'its tags': row.tags,
          }),
        ),
        ...kinesis.channels
          .of(stream)
          .filter(({ table }) => table !== undefined)
          .map(({ name }) => ({ resource: `${path}.channels.${name}`, what: 'a channel into tables' })),
      ];
    }),
  };
}

function declaredStream(kinesis: Kinesis, stream: Stream): Record<string, unknown> {
  const { row, map } = stream;
  const channels = kinesis.channels.of(stream).flatMap((channel) => {
    const declared = declaredChannel(channel);
    return declared === undefined ? [] : [[channel.name, declared] as const];
  });
  return compact({
    shardCount: row.mode === 'PROVISIONED' ? map.shards.length : undefined,
    streamMode: row.mode === 'PROVISIONED' ? undefined : row.mode,
    retentionPeriodHours: unless(kinesisLimits.retentionDefaultHours, row.retentionHours),
    encryptionType: row.encryptionKeyId === undefined ? undefined : 'KMS',
    keyId: row.encryptionKeyId,
    maxRecordSizeInKiB: unless(kinesisLimits.recordKiBDefault, row.maxRecordSizeKiB),
    recordDistributionStrategy: unless('USER_PARTITION_KEY', row.distribution),
    warmThroughputMiBps: row.warmThroughputMiBps,
    tags: row.tags,
    policy: row.policy === undefined ? undefined : JSON.parse(row.policy),
    consumers: consumersOf(kinesis, stream).map((consumer) => consumer.row.name),
    channels: Object.fromEntries(channels),
  });
}

/** Undefined for a channel into tables. */
function declaredChannel(row: ChannelRow): Record<string, unknown> | undefined {
  const { storage } = row;
  if (storage === undefined) return undefined;
  return compact({
    bucket: storage.bucket,
    recordFormatType: row.format,
    compressionType: unless('NONE', storage.compression),
    outputKeyTemplate: unless(DEFAULT_KEY_TEMPLATE, storage.keyTemplate),
    dataFreshnessInSeconds: unless(kinesisLimits.channelFreshnessSecondsDefault, row.freshnessSeconds),
    errorOutputPrefix: row.deadLetters.prefix,
    tags: row.tags,
  });
}

function unless<Value>(fallback: Value, value: Value): Value | undefined {
  return value === fallback ? undefined : value;
}

function importsOf(kinesis: Kinesis, stream: Stream): TerraformImport[] {
  const { name, arn, row } = stream;
  const policy = { type: 'aws_kinesis_resource_policy', name, id: arn };
  return [
    { type: 'aws_kinesis_stream', name, id: name },
    ...(row.policy === undefined ? [] : [policy]),
    ...consumersOf(kinesis, stream).map((consumer) => ({
      type: 'aws_kinesis_stream_consumer',
      name: `${name}_${consumer.row.name}`,
      id: consumer.arn,
    })),
  ];
}
