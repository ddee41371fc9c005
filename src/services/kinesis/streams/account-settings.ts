import type { MinimumThroughputBillingCommitmentOutput } from '@aws-sdk/client-kinesis';
import { kinesisLimits } from '../limits.ts';
import type { Kinesis, KinesisReads } from '../context.ts';
import { validation } from '../errors.ts';
import type { AccountRow } from './rows.ts';

/** The key of the table's only row. */
export const ACCOUNT_KEY = 'settings';

export function accountOf(kinesis: KinesisReads): AccountRow {
  return kinesis.streams.tables.account.get(ACCOUNT_KEY) ?? {};
}

/** A commitment lasts at least a day: one that is ended earlier continues until then. */
export function describeCommitment(row: AccountRow, nowMs: number): MinimumThroughputBillingCommitmentOutput {
  const { startedMs, endedMs } = row.commitment ?? {};
  if (startedMs === undefined) return { Status: 'DISABLED' };
  const earliestEndMs = startedMs + kinesisLimits.commitmentMs;
  const StartedAt = new Date(startedMs);
  const EarliestAllowedEndAt = new Date(earliestEndMs);
  if (endedMs === undefined) return { Status: 'ENABLED', StartedAt, EarliestAllowedEndAt };
  const endsMs = Math.max(endedMs, earliestEndMs);
  if (nowMs < endsMs)
    return { Status: 'ENABLED_UNTIL_EARLIEST_ALLOWED_END', StartedAt, EarliestAllowedEndAt };
  return { Status: 'DISABLED', StartedAt, EndedAt: new Date(endsMs) };
}

/** Whether the commitment is in force: enabled, or ended before its first day is over. */
export function hasCommitment(kinesis: Kinesis): boolean {
  return describeCommitment(accountOf(kinesis), kinesis.clock.now()).Status !== 'DISABLED';
}

/** Warm throughput is for accounts with the commitment. Throws ValidationException. */
export function requireCommitment(kinesis: Kinesis): void {
  if (hasCommitment(kinesis)) return;
  throw validation(
    'Warm throughput is only supported for accounts that have MinimumThroughputBillingCommitment enabled.',
  );
}
