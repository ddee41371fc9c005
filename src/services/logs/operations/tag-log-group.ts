import type { TagLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { addTags } from '../tags.ts';

/** The earlier form of TagResource, by the group's name. */
export async function tagLogGroup(context: LogsContext, input: Checked<TagLogGroupRequest>): Promise<void> {
  await addTags(context, input.logGroupName, input.tags);
}
