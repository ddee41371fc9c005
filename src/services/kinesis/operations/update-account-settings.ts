import type { UpdateAccountSettingsInput, UpdateAccountSettingsOutput } from '@aws-sdk/client-kinesis';
import { ACCOUNT_KEY, accountOf, describeCommitment } from '../streams/account-settings.ts';
import type { Handler } from '../context.ts';
import type { AccountRow } from '../streams/rows.ts';

/** Starts or ends the commitment to a minimum throughput. */
export const updateAccountSettings: Handler<UpdateAccountSettingsInput, UpdateAccountSettingsOutput> = async (
  kinesis,
  input,
) => {
  const { account } = kinesis.streams.tables;
  const enable = input.MinimumThroughputBillingCommitment.Status === 'ENABLED';
  await kinesis.engine.catalog.commit((transaction) => {
    const row = transaction.get(account, ACCOUNT_KEY) ?? {};
    transaction.put(account, ACCOUNT_KEY, changed(row, enable, kinesis.clock.now()));
  });
  return {
    MinimumThroughputBillingCommitment: describeCommitment(accountOf(kinesis), kinesis.clock.now()),
  };
};

function changed(row: AccountRow, enable: boolean, nowMs: number): AccountRow {
  const { startedMs, endedMs } = row.commitment ?? {};
  const over = describeCommitment(row, nowMs).Status === 'DISABLED';
  if (enable) return { commitment: { startedMs: startedMs === undefined || over ? nowMs : startedMs } };
  if (startedMs === undefined || endedMs !== undefined) return row;
  return { commitment: { startedMs, endedMs: nowMs } };
}
