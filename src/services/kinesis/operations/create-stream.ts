import type { CreateStreamInput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import { requireCommitment } from '../streams/account-settings.ts';
import type { Handler } from '../context.ts';
import { invalidArgument, violatedConstraint } from '../errors.ts';
import { checkShardLimit } from '../shards/reshard-checks.ts';
import { withTags } from '../streams/tags.ts';
import { checkCreatingQuota, checkOnDemandQuota } from '../throttle/quotas.ts';

/**
 * Creates a stream. Without StreamModeDetails it is provisioned when there is a ShardCount, and on-demand with 4 shards
 * when there is none. A provisioned stream needs a ShardCount, an on-demand one takes none. Quotas of the account hold when they are asked for; otherwise only the
 * whole number of shards is bounded.
 */
export const createStream: Handler<CreateStreamInput, void> = async (kinesis, input) => {
  // AWS makes a stream of 4 shards, recorded in LocalStack's test_create_stream_without_shard_count; that on-demand
  // streams begin with 4 shards, and provisioned ones need a number, tells the mode.
  const defaultMode = input.ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED';
  const mode = input.StreamModeDetails?.StreamMode ?? defaultMode;
  const shardCount = shardCountOf(mode, input.ShardCount);
  const distribution = input.RecordDistributionStrategy ?? 'USER_PARTITION_KEY';
  if (mode === 'PROVISIONED') {
    refuseForProvisioned('WarmThroughputMiBps', input.WarmThroughputMiBps !== undefined);
    refuseForProvisioned('RecordDistributionStrategy', distribution === 'AUTO');
  }
  if (input.WarmThroughputMiBps !== undefined) requireCommitment(kinesis);
  const tags = withTags({}, input.Tags ?? {});
  if (mode === 'ON_DEMAND') checkOnDemandQuota(kinesis);
  checkCreatingQuota(kinesis);
  checkShardLimit(kinesis, shardCount, mode);
  await kinesis.streams.create({
    name: input.StreamName,
    mode,
    shardCount,
    distribution,
    maxRecordSizeKiB: input.MaxRecordSizeInKiB ?? kinesisLimits.recordKiBDefault,
    tags,
    ...(input.WarmThroughputMiBps !== undefined && { warmThroughputMiBps: input.WarmThroughputMiBps }),
  });
};

function shardCountOf(mode: 'PROVISIONED' | 'ON_DEMAND', given: number | undefined): number {
  if (mode === 'PROVISIONED') {
    if (given === undefined) throw violatedConstraint(' null', 'shardCount', 'Member must not be null');
    return given;
  }
  if (given !== undefined) {
    throw invalidArgument('ShardCount must not be specified for a stream in ON_DEMAND mode.');
  }
  return kinesisLimits.onDemandShards;
}

function refuseForProvisioned(name: string, given: boolean): void {
  if (given) throw invalidArgument(`${name} is only supported for streams in ON_DEMAND mode.`);
}
