import type { Transaction } from '../../../engine/catalog.ts';
import { awsKinesisLimits } from '../../../config/aws-kinesis-limits.ts';
import { kinesisLimits } from '../limits.ts';
import { hasCommitment } from '../streams/account-settings.ts';
import { isCreating } from '../read/consumers.ts';
import type { Kinesis } from '../context.ts';
import { limitExceeded } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';

/**
 * Quotas of the account and its streams, except for the quota of shards (resharding.ts). All throw
 * LimitExceededException.
 */

/** For CreateStream. */
export function checkCreatingQuota({ streams, throttles, accountId }: Kinesis): void {
  const most = throttles.account.streamsCreatingAtOnce;
  if (most === Infinity || streams.creatingCount < most) return;
  throw limitExceeded(
    `This request would exceed the number of streams in the CREATING state for the account ${accountId}: ${most}.`,
  );
}

/** For RegisterStreamConsumer: counts all streams, in the commit that adds a consumer. */
export function checkCreatingConsumers(
  { streams, throttles, clock, accountId }: Kinesis,
  transaction: Transaction,
): void {
  const most = throttles.account.consumersCreatingAtOnce;
  if (most === Infinity) return;
  const nowMs = clock.now();
  let creating = 0;
  for (const [, row] of transaction.entries(streams.tables.consumers)) if (isCreating(row, nowMs)) creating++;
  if (creating < most) return;
  throw limitExceeded(
    `This request would exceed the number of consumers in the CREATING state for the account ${accountId}: ${most}.`,
  );
}

/** For a stream that becomes on-demand. */
export function checkOnDemandQuota({ streams, throttles, accountId }: Kinesis): void {
  const most = Math.min(throttles.account.onDemandStreams, kinesisLimits.onDemandStreamsMax);
  const present = streams.onDemandCount;
  if (present < most) return;
  throw limitExceeded(
    `This request would exceed the on-demand stream limit for the account ${accountId}. Current on-demand stream ` +
      `count for the account: ${present}. Limit: ${most}.`,
  );
}

/** For UpdateShardCount. Returns a function to call when the update has started. */
export function checkShardCountUpdates(kinesis: Kinesis, stream: Stream): () => void {
  const throttle = kinesis.throttles.of(stream);
  const nowMs = kinesis.clock.now();
  if (throttle?.shardCountUpdates.hasRoom(nowMs) === false) {
    throw limitExceeded(
      `UpdateShardCount can be called ${throttle.limits.shardCountUpdatesPerDay} times in 24 hours for stream ` +
        `${stream.name} under account ${kinesis.accountId}.`,
    );
  }
  return () => throttle?.shardCountUpdates.add(nowMs);
}

/** For UpdateStreamMode. Returns a function to call when the change is made. */
export function checkModeUpdates(kinesis: Kinesis, stream: Stream): () => void {
  const throttle = kinesis.throttles.of(stream);
  const nowMs = kinesis.clock.now();
  if (throttle?.modeUpdates.hasRoom(nowMs) === false) {
    throw limitExceeded(
      `The mode of stream ${stream.name} under account ${kinesis.accountId} can be switched ` +
        `${throttle.limits.modeUpdatesPerDay} times in 24 hours.`,
    );
  }
  return () => throttle?.modeUpdates.add(nowMs);
}

/**
 * How many consumers a stream may have: enforced even without limits, as on AWS, unless another number is configured.
 * On-demand streams may have more while the account has its commitment (on-demand advantage).
 */
export function consumersMax(kinesis: Kinesis, stream: Stream): number {
  const most = kinesis.throttles.of(stream)?.limits.consumersPerStream ?? Infinity;
  if (most !== Infinity && most !== awsKinesisLimits.consumersPerStream) return most;
  const advantage = stream.row.mode === 'ON_DEMAND' && hasCommitment(kinesis);
  return advantage ? kinesisLimits.advantageConsumersMax : kinesisLimits.consumersMax;
}
