import type { DecreaseStreamRetentionPeriodInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { checkRetentionHours, setRetention } from '../streams/retention-setting.ts';

/**
 * Shortens the retention period, to at least 24 hours. Older records are gone immediately, and so are shards that were
 * closed before then.
 */
export const decreaseStreamRetentionPeriod: Handler<DecreaseStreamRetentionPeriodInput, void> = async (
  kinesis,
  input,
) => {
  const hours = input.RetentionPeriodHours;
  const stream = kinesis.streams.resolve(input);
  checkRetentionHours(hours);
  await setRetention(kinesis, stream, hours, ({ retentionHours }) => {
    if (retentionHours >= hours) return;
    throw invalidArgument(
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be longer than existing ` +
        `retention period (${retentionHours} hours). Use IncreaseRetentionPeriod API.`,
    );
  });
  await kinesis.retention.sweepStream(stream);
};
