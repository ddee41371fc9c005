import type { UntagResourceRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { groupNameOfArn } from '../request.ts';
import { removeTags } from '../tags.ts';

/** Removes tags of a log group. */
export async function untagResource(
  context: LogsContext,
  input: Checked<UntagResourceRequest>,
): Promise<void> {
  await removeTags(context, groupNameOfArn(input.resourceArn), input.tagKeys);
}
