import type { UntagResourceRequest, UntagResourceResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { resourceNotFound } from '../errors.ts';

/** Takes tags from a topic; those that it has not are passed over. */
export async function untagResource(
  { topics }: SnsContext,
  input: Checked<UntagResourceRequest>,
  _call: CallContext,
): Promise<UntagResourceResponse> {
  if (topics.get(input.ResourceArn) === undefined) throw resourceNotFound();
  await topics.updateTopic(input.ResourceArn, (topic) => ({
    ...topic,
    tags: Object.fromEntries(Object.entries(topic.tags).filter(([key]) => !input.TagKeys.includes(key))),
  }));
  return {};
}
