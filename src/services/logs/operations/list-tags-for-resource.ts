import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import { groupNameOfArn } from '../request.ts';
import { tagsOfGroup } from '../tags.ts';

/** Lists the tags of a log group. */
export async function listTagsForResource(
  context: LogsReads,
  input: Checked<ListTagsForResourceRequest>,
): Promise<ListTagsForResourceResponse> {
  return { tags: { ...(await tagsOfGroup(context, groupNameOfArn(input.resourceArn))) } };
}
