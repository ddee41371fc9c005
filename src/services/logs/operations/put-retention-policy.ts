import type { PutRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { checkRetention } from '../retention.ts';

/** Sets for how many days events are kept. Expired events are not read any more, and their files are removed hourly. */
export async function putRetentionPolicy(
  { logs }: LogsContext,
  { logGroupName: name, retentionInDays }: Checked<PutRetentionPolicyRequest>,
): Promise<void> {
  checkRetention(retentionInDays);
  await logs.update(name, (row) => ({ ...row, retentionDays: retentionInDays }));
}
