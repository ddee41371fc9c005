import type { TagResourceRequest } from '@aws-sdk/client-lambda';
import { invalidParameter } from '../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { changeTags } from '../tagged.ts';
import { withLambdaTags } from '../tags.ts';

/**
 * Adds tags to a function or an event source mapping, by its ARN.
 * https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
 */
export async function tagResource(context: LambdaContext, input: Checked<TagResourceRequest>): Promise<void> {
  if (Object.keys(input.Tags).length === 0) {
    throw invalidParameter('An error occurred and the request cannot be processed.');
  }
  await changeTags(context, input.Resource, (present) => withLambdaTags(present, input.Tags));
}
