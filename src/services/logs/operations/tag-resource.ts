import type { TagResourceRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { groupNameOfArn } from '../request.ts';
import { addTags } from '../tags.ts';

/** Adds or overwrites tags of a log group. */
export async function tagResource(context: LogsContext, input: Checked<TagResourceRequest>): Promise<void> {
  await addTags(context, groupNameOfArn(input.resourceArn), input.tags);
}
