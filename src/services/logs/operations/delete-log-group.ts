import type { DeleteLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';

/** Deletes a log group with its streams and events. A function that prints again creates its group again. */
export async function deleteLogGroup(
  { logs }: LogsContext,
  input: Checked<DeleteLogGroupRequest>,
): Promise<void> {
  await logs.delete(input.logGroupName);
}
