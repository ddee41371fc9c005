import { join } from 'node:path';
import { openKeyStore } from '../../engine/key-store.ts';
import { type OperationTable, service } from '../../protocol/service.ts';
import type { ServiceAtStandby, StandbyContext } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { ChannelList } from './channels/channel-list.ts';
import type { KinesisReads } from './context.ts';
import { streams as streamsSection } from './declared/section.ts';
import { kinesisLimits } from './limits.ts';
import { describeAccountSettings } from './operations/describe-account-settings.ts';
import { describeLimits } from './operations/describe-limits.ts';
import { describeStreamConsumer } from './operations/describe-stream-consumer.ts';
import { describeStreamSummary } from './operations/describe-stream-summary.ts';
import { describeStream } from './operations/describe-stream.ts';
import { getRecords } from './operations/get-records.ts';
import { getResourcePolicy } from './operations/get-resource-policy.ts';
import { getShardIterator } from './operations/get-shard-iterator.ts';
import type { OperationName } from './operations/index.ts';
import { listShards } from './operations/list-shards.ts';
import { listStreamConsumers } from './operations/list-stream-consumers.ts';
import { listStreams } from './operations/list-streams.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTagsForStream } from './operations/list-tags-for-stream.ts';
import { subscribeToShard } from './operations/subscribe-to-shard.ts';
import { readsOf, tablesOf } from './reads.ts';
import { StreamImage } from './streams/stream-image.ts';
import { taggedStreams } from './streams/tag-source.ts';
import { policyOf } from './streams/tags-and-policies.ts';
import { withCallRates } from './throttle/api-rate-limits.ts';

/** What a machine answers that follows the owner. */
const reads = {
  DescribeAccountSettings: describeAccountSettings,
  DescribeLimits: describeLimits,
  DescribeStream: describeStream,
  DescribeStreamConsumer: describeStreamConsumer,
  DescribeStreamSummary: describeStreamSummary,
  GetRecords: getRecords,
  GetResourcePolicy: getResourcePolicy,
  GetShardIterator: getShardIterator,
  ListShards: listShards,
  ListStreamConsumers: listStreamConsumers,
  ListStreams: listStreams,
  ListTagsForResource: listTagsForResource,
  ListTagsForStream: listTagsForStream,
  SubscribeToShard: subscribeToShard,
} satisfies Partial<OperationTable<KinesisReads, OperationName>>;

/** The streams as they are in the copy of this machine, which follows the owner's commits. */
export async function openAtStandby({
  config,
  watch,
  ...context
}: StandbyContext): Promise<ServiceAtStandby> {
  const { engine, resourcePolicies, taggedResources } = context;
  const { dataDir, masterKey, masterKeyFile, workers, streamIds, limits } = config;
  const { catalog } = engine;
  const keys = await openKeyStore({ catalog, folder: join(dataDir, 'keys'), masterKey, masterKeyFile });
  const streams = new StreamImage({ ...context, catalog });
  const channels = new ChannelList({ ...context, catalog });
  const options = { ...context, workers, streamIds, limits };
  const kinesis: KinesisReads = { ...readsOf(options, { keys, channels, streams }), isCopy: true };
  const followed = [streams.tables.streams, streams.tables.shards, streams.tables.consumers];
  const end = watch(
    followed.map(({ name }) => name),
    (changed) => {
      streams.follow(changed);
      kinesis.subscriptions.follow(kinesis, changed);
    },
  );
  for (const { name, value } of config.declarations.entries(streamsSection))
    kinesis.throttles.declare(name, value.own.limits);
  resourcePolicies.register('kinesis', { policyOf: (arn) => policyOf(kinesis, arn) });
  taggedResources.register('kinesis', { resources: () => taggedStreams(kinesis) });
  const operations = withCallRates(reads, kinesis);
  return {
    service: service('kinesis', api, operations, kinesis, kinesisLimits.bodyBytesMax, tablesOf(kinesis)),
    async close() {
      end();
      kinesis.subscriptions.close();
      await kinesis.threads?.close();
    },
  };
}
