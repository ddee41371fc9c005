import type { UntagResourceInput, UntagResourceOutput } from '@aws-sdk/client-cloudwatch';
import { withoutTags } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { changeResourceTags } from '../tagged-resources.ts';

/** Removes tags from an alarm or a dashboard. Keys that it does not have are ignored. */
export async function untagResource(
  context: CloudWatchContext,
  input: Checked<UntagResourceInput>,
  _call: CallContext,
): Promise<UntagResourceOutput> {
  await changeResourceTags(context, input.ResourceARN, (tags) => withoutTags(tags, input.TagKeys));
  return {};
}
