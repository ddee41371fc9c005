import type { TagResourceRequest, TagResourceResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { resourceNotFound } from '../errors.ts';
import { withTopicTags } from '../topic-input.ts';

/** Adds or overwrites tags of a topic. */
export async function tagResource(
  { topics }: SnsContext,
  input: Checked<TagResourceRequest>,
  _call: CallContext,
): Promise<TagResourceResponse> {
  if (topics.get(input.ResourceArn) === undefined) throw resourceNotFound();
  await topics.updateTopic(input.ResourceArn, (topic) => ({
    ...topic,
    tags: withTopicTags(topic.tags, input.Tags),
  }));
  return {};
}
