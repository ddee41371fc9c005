import type { CreateStreamInput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import { requireCommitment } from '../streams/account-settings.ts';
import type { Handler } from '../context.ts';
import { invalidArgument, violatedConstraint } from '../errors.ts';
import { checkShardLimit } from '../shards/reshard-checks.ts';
import { withTags } from '../streams/tags.ts';
import { checkCreatingQuota, checkOnDemandQuota } from '../throttle/quotas.ts';

/**
 * Creates a stream. Without StreamModeDetails it is provisioned if ShardCount is given, and otherwise on-demand with 4
 * shards. A provisioned stream requires a ShardCount, an on-demand stream refuses one. Account quotas are enforced only
 * when configured; otherwise only the total number of shards is limited.
 */
export const createStream: Handler<CreateStreamInput, void> = async (kinesis, input) => {
  // Without ShardCount, AWS creates a stream of 4 shards (recorded in LocalStack's
  // test_create_stream_without_shard_count). Since on-demand streams start with 4 shards and provisioned ones require a
  // number, the stream must be on-demand.
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
