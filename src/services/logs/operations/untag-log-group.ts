import type { UntagLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { removeTags } from '../tags.ts';

/** The earlier form of UntagResource, by the group's name. */
export async function untagLogGroup(
  context: LogsContext,
  input: Checked<UntagLogGroupRequest>,
): Promise<void> {
  await removeTags(context, input.logGroupName, input.tags);
}
