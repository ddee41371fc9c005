import type { UpdateShardCountInput, UpdateShardCountOutput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Handler } from '../context.ts';
import { limitExceeded } from '../errors.ts';
import { checkShardLimit, requireReshardable } from '../shards/reshard-checks.ts';
import { checkShardCountUpdates } from '../throttle/quotas.ts';

/**
 * Splits and merges shards until the given number of even ones is open: at most double, at least half the current
 * number.
 */
export const updateShardCount: Handler<UpdateShardCountInput, UpdateShardCountOutput> = async (
  kinesis,
  input,
) => {
  const stream = kinesis.streams.resolve(input);
  requireReshardable(kinesis, stream, 'UpdateShardCount');
  const target = input.TargetShardCount;
  const open = stream.map.shards.length;
  checkTarget(open, target);
  checkShardLimit(kinesis, target - open);
  const countUpdate = checkShardCountUpdates(kinesis, stream);
  await kinesis.streams.reshard(stream, { type: 'resize', count: target });
  countUpdate();
  return {
    StreamName: stream.name,
    StreamARN: stream.arn,
    CurrentShardCount: open,
    TargetShardCount: target,
  };
};

function checkTarget(open: number, target: number): void {
  const counts = `Current open shard count: ${open}, Target shard count: ${target}`;
  const most = kinesisLimits.streamShardsMax;
  if (target > most) {
    throw limitExceeded(
      `Target shard count or number of open shards cannot be greater than ${most}. ${counts}`,
    );
  }
  if (target > open * 2) {
    throw limitExceeded(
      `UpdateShardCount cannot scale up over double your current open shard count. ${counts}`,
    );
  }
  if (target < open / 2) {
    throw limitExceeded(
      `UpdateShardCount cannot scale down below half your current open shard count. ${counts}`,
    );
  }
}
