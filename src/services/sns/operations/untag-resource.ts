import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-sns';
import { withoutTags } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { resourceNotFound } from '../errors.ts';

/** Removes tags from a topic. Keys that it does not have are ignored. */
export async function untagResource(
  { topics }: SnsContext,
  input: Checked<UntagResourceRequest>,
  _call: CallContext,
): Promise<UntagResourceResponse> {
  if (topics.get(input.ResourceArn) === undefined) throw resourceNotFound();
  await topics.updateTopic(input.ResourceArn, (topic) => ({
    ...topic,
    tags: withoutTags(topic.tags, input.TagKeys),
  }));
  return {};
}
