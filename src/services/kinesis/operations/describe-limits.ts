import type { DescribeLimitsInput, DescribeLimitsOutput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { ReadHandler } from '../context.ts';

/** Returns the numbers of shards, on-demand streams and channels, and their limits. */
export const describeLimits: ReadHandler<DescribeLimitsInput, DescribeLimitsOutput> = ({
  streams,
  channels,
  throttles: { account },
}) => ({
  ShardLimit: Math.min(account.shardsPerAccount, kinesisLimits.shardsMax),
  OpenShardCount: streams.openShardCount,
  OnDemandStreamCount: streams.onDemandCount,
  OnDemandStreamCountLimit: Math.min(account.onDemandStreams, kinesisLimits.onDemandStreamsMax),
  ChannelCount: channels.count,
  ChannelCountLimit: kinesisLimits.channelsMax,
});
