import type { ListTagsRequest, ListTagsResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { tagged } from '../tagged.ts';

/**
 * Returns the tags of a function or an event source mapping.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html
 */
export function listTags(context: LambdaReads, input: Checked<ListTagsRequest>): ListTagsResponse {
  return { Tags: { ...tagged(context, input.Resource).tags } };
}
