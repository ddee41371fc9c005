import type { IncreaseStreamRetentionPeriodInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import { checkRetentionHours, setRetention } from '../streams/retention-setting.ts';

/** Keeps records longer, up to 8,760 hours; what had expired before does not come back. */
export const increaseStreamRetentionPeriod: Handler<IncreaseStreamRetentionPeriodInput, void> = async (
  kinesis,
  input,
) => {
  const hours = input.RetentionPeriodHours;
  const stream = kinesis.streams.resolve(input);
  checkRetentionHours(hours);
  // What has expired and is there yet, records and shards, would come back.
  await kinesis.retention.sweepStream(stream);
  await setRetention(kinesis, stream, hours, ({ retentionHours }) => {
    if (retentionHours <= hours) return;
    throw invalidArgument(
      `Requested retention period (${hours} hours) for stream ${stream.name} can not be shorter than existing ` +
        `retention period (${retentionHours} hours). Use DecreaseRetentionPeriod API.`,
    );
  });
};
