import type { CreateLogStreamRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';

/** Creates a log stream, to which PutLogEvents writes. */
export async function createLogStream(
  { logs }: LogsContext,
  input: Checked<CreateLogStreamRequest>,
): Promise<void> {
  await logs.createStream(input.logGroupName, input.logStreamName);
}
