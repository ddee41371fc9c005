import {
  addedTags,
  type Authorization,
  type AuthorizationRule,
  creationOf,
  type Need,
  onAll,
  passRole,
  requestTags,
  rulesFor,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import { streamArn } from './arn.ts';
import { getTags } from './streams/tags-and-policies.ts';
import type { KinesisReads } from './context.ts';
import { invalidIterator } from './errors.ts';
import { consumerArn } from './read/consumers.ts';
import { consumerKey } from './streams/rows.ts';
import type { StreamIdentifier } from './streams/stream-image.ts';

interface ResourceInput {
  readonly ResourceARN: string;
}

interface ConsumerInput extends StreamIdentifier {
  readonly ConsumerName?: string;
  readonly ConsumerARN?: string;
}

interface ChannelInput {
  readonly ChannelName: string;
  readonly ServiceExecutionRoleARN: string;
  readonly StreamConfigurationList: readonly { readonly StreamARN: string }[];
  readonly Tags?: Tags;
}

type Tags = Readonly<Record<string, string>>;

const onResource: AuthorizationRule = ({ ResourceARN }: ResourceInput) => ResourceARN;
const onChannel: AuthorizationRule = ({ ChannelARN }: { readonly ChannelARN: string }) => ChannelARN;

const operationsOn = {
  stream: [
    'DecreaseStreamRetentionPeriod',
    'DeleteStream',
    'DescribeStream',
    'DescribeStreamSummary',
    'DisableEnhancedMonitoring',
    'EnableEnhancedMonitoring',
    'GetShardIterator',
    'IncreaseStreamRetentionPeriod',
    'ListStreamConsumers',
    'ListTagsForStream',
    'MergeShards',
    'PutRecord',
    'PutRecords',
    'SplitShard',
    'StartStreamEncryption',
    'StopStreamEncryption',
    'UpdateMaxRecordSize',
    'UpdateShardCount',
    'UpdateStreamMode',
    'UpdateStreamRecordDistributionStrategy',
    'UpdateStreamWarmThroughput',
  ],
  resource: ['DeleteResourcePolicy', 'GetResourcePolicy', 'ListTagsForResource', 'PutResourcePolicy'],
  all: ['DescribeAccountSettings', 'DescribeLimits', 'ListChannels', 'ListStreams', 'UpdateAccountSettings'],
} as const;

/**
 * What the operations of Kinesis need (service authorization reference, Amazon Kinesis Data Streams). An ARN of the
 * input is taken as it is: an operation finds only what has exactly that ARN.
 */
export function kinesisAuthorization(kinesis: KinesisReads): Authorization {
  const onStream: AuthorizationRule = (input: StreamIdentifier) => streamOf(kinesis, input);
  const onConsumer: AuthorizationRule = (input: ConsumerInput) => consumerOf(kinesis, input);
  const rules = {
    ...rulesFor(onStream, operationsOn.stream),
    ...rulesFor(onConsumer, ['DeregisterStreamConsumer', 'DescribeStreamConsumer', 'SubscribeToShard']),
    ...rulesFor(onResource, operationsOn.resource),
    ...rulesFor(onChannel, ['DeleteChannel', 'DescribeChannel', 'UpdateChannel']),
    ...rulesFor(onAll, operationsOn.all),
    AddTagsToStream: (input: StreamIdentifier & { readonly Tags: Tags }) => ({
      resource: streamOf(kinesis, input),
      keys: requestTags(input.Tags),
    }),
    CreateChannel: (input: ChannelInput) => channelNeeds(input),
    CreateStream: ({ StreamName, Tags }: { readonly StreamName: string; readonly Tags?: Tags }) =>
      creationOf(streamOf(kinesis, { StreamName }), requestTags(Tags), 'kinesis:AddTagsToStream'),
    GetRecords: ({ ShardIterator }: { readonly ShardIterator: string }) =>
      iteratedStream(kinesis, ShardIterator),
    ListShards: (input: StreamIdentifier & { readonly NextToken?: string }) => listedStream(kinesis, input),
    RegisterStreamConsumer: (input: ConsumerInput & { readonly Tags?: Tags }) => {
      const tags = requestTags(input.Tags);
      // The ARN of a consumer ends with the time of its registration.
      const consumer = `${streamOf(kinesis, input)}/consumer/${input.ConsumerName ?? ''}:*`;
      return [
        { resource: streamOf(kinesis, input), keys: tags },
        ...addedTags(consumer, tags, 'kinesis:TagResource'),
      ];
    },
    RemoveTagsFromStream: (input: StreamIdentifier & { readonly TagKeys: readonly string[] }) => ({
      resource: streamOf(kinesis, input),
      keys: tagKeys(input.TagKeys),
    }),
    TagResource: ({ ResourceARN, Tags }: ResourceInput & { readonly Tags: Tags }) => ({
      resource: ResourceARN,
      keys: requestTags(Tags),
    }),
    UntagResource: ({ ResourceARN, TagKeys }: ResourceInput & { readonly TagKeys: readonly string[] }) => ({
      resource: ResourceARN,
      keys: tagKeys(TagKeys),
    }),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return { prefix: 'kinesis', rules, tagsOf: (resource) => tagsOf(kinesis, resource) };
}

/** An unknown ID has no ARN: only who may do this with every stream learns that there is none. */
function streamOf(kinesis: KinesisReads, { StreamARN, StreamName, StreamId }: StreamIdentifier): string {
  if (StreamARN !== undefined) return StreamARN;
  const { streams, region, accountId } = kinesis;
  if (StreamName !== undefined) {
    return streams.get(StreamName)?.arn ?? streamArn(region, accountId, StreamName);
  }
  return (StreamId === undefined ? undefined : streams.byId(StreamId)?.arn) ?? '*';
}

function consumerOf(kinesis: KinesisReads, { ConsumerARN, ConsumerName, ...stream }: ConsumerInput): string {
  if (ConsumerARN !== undefined) return ConsumerARN;
  const arn = streamOf(kinesis, stream);
  const { streams } = kinesis;
  const found = [...streams.all()].find((one) => one.arn === arn);
  const row = found && streams.tables.consumers.get(consumerKey(found.id, ConsumerName ?? ''));
  if (found !== undefined && row !== undefined) return consumerArn(found, row);
  return `${arn}/consumer/${ConsumerName ?? ''}`;
}

/** Throws InvalidArgumentException for an iterator that this server did not make. */
function iteratedStream(kinesis: KinesisReads, token: string): string {
  const iterator = kinesis.iterators.decode(token);
  if (iterator === undefined) throw invalidIterator();
  const { streamId, streamName } = iterator;
  return kinesis.streams.byId(streamId)?.arn ?? streamOf(kinesis, { StreamName: streamName });
}

/** Throws InvalidArgumentException or ExpiredNextTokenException. */
function listedStream(
  kinesis: KinesisReads,
  { NextToken, ...stream }: StreamIdentifier & { readonly NextToken?: string },
): string {
  if (NextToken === undefined) return streamOf(kinesis, stream);
  const page = kinesis.pages.decode('ListShards', NextToken) as { readonly streamId: string }; // as it was encoded
  return streamOf(kinesis, { StreamId: page.streamId });
}

function channelNeeds({ StreamConfigurationList, ServiceExecutionRoleARN, Tags }: ChannelInput): Need[] {
  return [
    ...StreamConfigurationList.map(({ StreamARN }) => ({ resource: StreamARN, keys: requestTags(Tags) })),
    ...passRole(ServiceExecutionRoleARN, 'kinesis.amazonaws.com'),
  ];
}

function tagsOf(kinesis: KinesisReads, resource: string): Tags | undefined {
  try {
    return getTags(kinesis, { ResourceARN: resource });
  } catch {
    // There is no such resource.
    return undefined;
  }
}
