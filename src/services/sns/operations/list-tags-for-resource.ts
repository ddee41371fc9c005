import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '@aws-sdk/client-sns';
import { tagList } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';
import { resourceNotFound } from '../errors.ts';

/** Lists the tags of a topic. */
export function listTagsForResource(
  { topics }: SnsReads,
  input: Checked<ListTagsForResourceRequest>,
  _call: CallContext,
): ListTagsForResourceResponse {
  const topic = topics.get(input.ResourceArn);
  if (topic === undefined) throw resourceNotFound();
  return { Tags: tagList(topic.tags) };
}
