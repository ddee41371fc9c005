import type { TagResourceInput, TagResourceOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { changeResourceTags, withResourceTags } from '../tagged-resources.ts';

/** Adds or overwrites tags of an alarm or a dashboard. */
export async function tagResource(
  context: CloudWatchContext,
  input: Checked<TagResourceInput>,
  _call: CallContext,
): Promise<TagResourceOutput> {
  await changeResourceTags(context, input.ResourceARN, (tags) => withResourceTags(tags, input.Tags));
  return {};
}
