import type { DeleteRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';

/** Lets the events of a log group stay until they exceed the group's bound. */
export async function deleteRetentionPolicy(
  { logs }: LogsContext,
  input: Checked<DeleteRetentionPolicyRequest>,
): Promise<void> {
  await logs.update(input.logGroupName, (row) => ({ ...row, retentionDays: undefined }));
}
