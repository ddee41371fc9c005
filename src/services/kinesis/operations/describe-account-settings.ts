import type { DescribeAccountSettingsInput, DescribeAccountSettingsOutput } from '@aws-sdk/client-kinesis';
import { accountOf, describeCommitment } from '../streams/account-settings.ts';
import type { ReadHandler } from '../context.ts';

/** Describes the settings of the account. The commitment costs nothing here; it only enables warm throughput. */
export const describeAccountSettings: ReadHandler<
  DescribeAccountSettingsInput,
  DescribeAccountSettingsOutput
> = (kinesis) => ({
  MinimumThroughputBillingCommitment: describeCommitment(accountOf(kinesis), kinesis.clock.now()),
});
