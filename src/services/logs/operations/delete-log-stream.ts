import type { DeleteLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';

/** Deletes a log stream and its events. */
export async function deleteLogStream(
  { logs }: LogsContext,
  input: Checked<DeleteLogStreamRequest>,
): Promise<void> {
  await logs.deleteStream(input.logGroupName, input.logStreamName);
}
