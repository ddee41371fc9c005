import type { IncreaseStreamRetentionPeriodInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { checkRetentionHours, setRetention } from '../streams/retention-setting.ts';

/** Extends the retention period, up to 8,760 hours. Records that have already expired do not reappear. */
export const increaseStreamRetentionPeriod: Handler<IncreaseStreamRetentionPeriodInput, void> = async (
  kinesis,
  input,
) => {
  const hours = input.RetentionPeriodHours;
  const stream = kinesis.streams.resolve(input);
  checkRetentionHours(hours);
  // Otherwise expired records and shards that are not removed yet would reappear.
  await kinesis.retention.sweepStream(stream);
  await setRetention(kinesis, stream, hours, ({ retentionHours }) => {
    if (retentionHours <= hours) return;
    throw invalidArgument(
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than existing ` +
        `retention period (${retentionHours} hours). Use DecreaseRetentionPeriod API.`,
    );
  });
};
