import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-cloudwatch';
import { tagList } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { resourceTags } from '../tagged-resources.ts';

/** Lists the tags of an alarm or a dashboard. One that does not exist has none, as on AWS. */
export function listTagsForResource(
  context: CloudWatchReads,
  input: Checked<ListTagsForResourceInput>,
  _call: CallContext,
): ListTagsForResourceOutput {
  return { Tags: tagList(resourceTags(context, input.ResourceARN)) };
}
