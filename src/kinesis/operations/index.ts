import { type OperationTable, unsupported } from '../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { Kinesis } from '../context.ts';
import { createStream } from './create-stream.ts';
import { deleteStream } from './delete-stream.ts';
import { describeStream } from './describe-stream.ts';
import { describeStreamSummary } from './describe-stream-summary.ts';
import { getRecords } from './get-records.ts';
import { getShardIterator } from './get-shard-iterator.ts';
import { listShards } from './list-shards.ts';
import { listStreams } from './list-streams.ts';
import { putRecord } from './put-record.ts';
import { putRecords } from './put-records.ts';

export type OperationName = keyof typeof api.operations;

/** Every operation of the API, or why it is not there. */
export const operations = {
  AddTagsToStream: unsupported('AddTagsToStream is not supported by nagare yet'),
  CreateChannel: unsupported('CreateChannel is not supported by nagare yet'),
  CreateStream: createStream,
  DecreaseStreamRetentionPeriod: unsupported('DecreaseStreamRetentionPeriod is not supported by nagare yet'),
  DeleteChannel: unsupported('DeleteChannel is not supported by nagare yet'),
  DeleteResourcePolicy: unsupported('DeleteResourcePolicy is not supported by nagare yet'),
  DeleteStream: deleteStream,
  DeregisterStreamConsumer: unsupported('DeregisterStreamConsumer is not supported by nagare yet'),
  DescribeAccountSettings: unsupported('DescribeAccountSettings is not supported by nagare yet'),
  DescribeChannel: unsupported('DescribeChannel is not supported by nagare yet'),
  DescribeLimits: unsupported('DescribeLimits is not supported by nagare yet'),
  DescribeStream: describeStream,
  DescribeStreamConsumer: unsupported('DescribeStreamConsumer is not supported by nagare yet'),
  DescribeStreamSummary: describeStreamSummary,
  DisableEnhancedMonitoring: unsupported('DisableEnhancedMonitoring is not supported by nagare yet'),
  EnableEnhancedMonitoring: unsupported('EnableEnhancedMonitoring is not supported by nagare yet'),
  GetRecords: getRecords,
  GetResourcePolicy: unsupported('GetResourcePolicy is not supported by nagare yet'),
  GetShardIterator: getShardIterator,
  IncreaseStreamRetentionPeriod: unsupported('IncreaseStreamRetentionPeriod is not supported by nagare yet'),
  ListChannels: unsupported('ListChannels is not supported by nagare yet'),
  ListShards: listShards,
  ListStreamConsumers: unsupported('ListStreamConsumers is not supported by nagare yet'),
  ListStreams: listStreams,
  ListTagsForResource: unsupported('ListTagsForResource is not supported by nagare yet'),
  ListTagsForStream: unsupported('ListTagsForStream is not supported by nagare yet'),
  MergeShards: unsupported('MergeShards is not supported by nagare yet'),
  PutRecord: putRecord,
  PutRecords: putRecords,
  PutResourcePolicy: unsupported('PutResourcePolicy is not supported by nagare yet'),
  RegisterStreamConsumer: unsupported('RegisterStreamConsumer is not supported by nagare yet'),
  RemoveTagsFromStream: unsupported('RemoveTagsFromStream is not supported by nagare yet'),
  SplitShard: unsupported('SplitShard is not supported by nagare yet'),
  StartStreamEncryption: unsupported('StartStreamEncryption is not supported by nagare yet'),
  StopStreamEncryption: unsupported('StopStreamEncryption is not supported by nagare yet'),
  SubscribeToShard: unsupported('SubscribeToShard is not supported by nagare yet'),
  TagResource: unsupported('TagResource is not supported by nagare yet'),
  UntagResource: unsupported('UntagResource is not supported by nagare yet'),
  UpdateAccountSettings: unsupported('UpdateAccountSettings is not supported by nagare yet'),
  UpdateChannel: unsupported('UpdateChannel is not supported by nagare yet'),
  UpdateMaxRecordSize: unsupported('UpdateMaxRecordSize is not supported by nagare yet'),
  UpdateShardCount: unsupported('UpdateShardCount is not supported by nagare yet'),
  UpdateStreamMode: unsupported('UpdateStreamMode is not supported by nagare yet'),
  UpdateStreamRecordDistributionStrategy: unsupported(
    'UpdateStreamRecordDistributionStrategy is not supported by nagare yet',
  ),
  UpdateStreamWarmThroughput: unsupported('UpdateStreamWarmThroughput is not supported by nagare yet'),
} satisfies OperationTable<Kinesis, OperationName>;
