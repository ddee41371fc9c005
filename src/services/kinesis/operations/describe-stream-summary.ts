import type { DescribeStreamSummaryInput, DescribeStreamSummaryOutput } from '@aws-sdk/client-kinesis';
import { consumersOf } from '../read/consumers.ts';
import type { ReadHandler } from '../context.ts';
import { describeCommon } from '../streams/describe.ts';
import { describeWarmThroughput } from '../streams/warm-throughput.ts';

/**
 * Describes a stream without its shards. It returns the StreamId only when configured (`--stream-ids shown`): the KCL
 * uses every StreamId that it gets, and the SDKs send calls with a StreamId to a host of AWS, whatever their endpoint.
 */
export const describeStreamSummary: ReadHandler<DescribeStreamSummaryInput, DescribeStreamSummaryOutput> = (
  kinesis,
  input,
) => {
  const stream = kinesis.streams.resolve(input);
  const { row } = stream;
  const onDemand = row.mode === 'ON_DEMAND';
  return {
    StreamDescriptionSummary: {
      ...describeCommon(kinesis, stream),
      StreamId: kinesis.showsStreamIds ? stream.id : undefined,
      OpenShardCount: kinesis.streams.status(stream) === 'CREATING' ? 0 : stream.map.shards.length,
      ConsumerCount: consumersOf(kinesis, stream).length,
      ChannelCount: kinesis.channels.of(stream).length,
      WarmThroughput: onDemand ? describeWarmThroughput(row) : undefined,
      MaxRecordSizeInKiB: row.maxRecordSizeKiB,
      RecordDistributionStrategy: row.distribution,
    },
  };
};
