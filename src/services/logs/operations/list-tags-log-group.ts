import type { ListTagsLogGroupRequest, ListTagsLogGroupResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import { tagsOfGroup } from '../tags.ts';

/** The earlier form of ListTagsForResource, by the group's name. */
export async function listTagsLogGroup(
  context: LogsReads,
  input: Checked<ListTagsLogGroupRequest>,
): Promise<ListTagsLogGroupResponse> {
  return { tags: { ...(await tagsOfGroup(context, input.logGroupName)) } };
}
