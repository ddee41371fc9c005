import type { UntagResourceRequest } from '@aws-sdk/client-lambda';
import { withoutTags } from '../../../aws/tags.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { changeTags } from '../tagged.ts';

/**
 * Removes tags from a function or an event source mapping.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html
 */
export async function untagResource(
  context: LambdaContext,
  input: Checked<UntagResourceRequest>,
): Promise<void> {
  await changeTags(context, input.Resource, (present) => withoutTags(present, input.TagKeys));
}
