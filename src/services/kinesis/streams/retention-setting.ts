import { kinesisLimits } from '../limits.ts';
import type { Kinesis } from '../context.ts';
import { invalidArgument } from '../errors.ts';
import type { StreamRow } from './rows.ts';
import type { Stream } from './stream.ts';

/** Throws InvalidArgumentException if the retention period is out of bounds. */
export function checkRetentionHours(hours: number): void {
  const { retentionDefaultHours: least, retentionHoursMax: most } = kinesisLimits;
  if (hours < least) {
    throw invalidArgument(
      `Minimum allowed retention period is ${least} hours. Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > most) {
    throw invalidArgument(
      `Maximum allowed retention period is ${most} hours. Requested retention period (${hours} hours) is too long.`,
    );
  }
}

export async function setRetention(
  kinesis: Kinesis,
  stream: Stream,
  hours: number,
  check: (row: StreamRow) => void,
): Promise<void> {
  await kinesis.streams.change(
    stream,
    (row) => {
      check(row);
      return { ...row, retentionHours: hours };
    },
    { updating: true },
  );
}
