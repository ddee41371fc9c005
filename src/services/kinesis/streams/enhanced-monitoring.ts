import type { EnableEnhancedMonitoringInput, EnhancedMonitoringOutput } from '@aws-sdk/client-kinesis';
import type { Checked } from '../../../protocol/service.ts';
import type { Kinesis } from '../context.ts';
import { shardMetricNames } from './describe.ts';
import { SHARD_METRICS } from '../shards/shard-metrics.ts';

/** Switches shard-level metrics on or off. Returns those that were on before and those that are on now. */
export async function changeShardMetrics(
  kinesis: Kinesis,
  input: Checked<EnableEnhancedMonitoringInput>,
  enable: boolean,
): Promise<EnhancedMonitoringOutput> {
  const stream = kinesis.streams.resolve(input);
  const named = new Set<string>(
    input.ShardLevelMetrics.includes('ALL') ? SHARD_METRICS : input.ShardLevelMetrics,
  );
  let before: readonly string[] = [];
  let after: readonly string[] = [];
  await kinesis.streams.change(
    stream,
    (row) => {
      before = row.shardMetrics;
      after = SHARD_METRICS.filter((name) => (named.has(name) ? enable : before.includes(name)));
      return { ...row, shardMetrics: after };
    },
    { updating: true },
  );
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardLevelMetrics: shardMetricNames(before),
    DesiredShardLevelMetrics: shardMetricNames(after),
  };
}
