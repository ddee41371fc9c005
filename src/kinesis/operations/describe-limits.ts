import type { DescribeLimitsInput, DescribeLimitsOutput } from '@aws-sdk/client-kinesis';
import { limits } from '../../limits.ts';
import type { Handler } from '../context.ts';

/** Says how many shards and on-demand streams there are, and may be. */
export const describeLimits: Handler<DescribeLimitsInput, DescribeLimitsOutput> = ({ streams }) => ({
  ShardLimit: limits.kinesisShardsMax,
  OpenShardCount: streams.openShardCount,
  OnDemandStreamCount: streams.onDemandCount,
  OnDemandStreamCountLimit: limits.kinesisOnDemandStreamsMax,
});
