import type { ListPolicyTagsRequest, ListPolicyTagsResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { policyOf } from '../managed-policies.ts';
import { pageOfTags } from '../tag-pages.ts';

/** Lists the tags of a managed policy. */
export async function listPolicyTags(
  context: IamContext,
  input: Checked<ListPolicyTagsRequest>,
): Promise<ListPolicyTagsResponse> {
  const { id, tags } = await policyOf(context, input.PolicyArn);
  const { Marker, MaxItems } = input;
  const page = await pageOfTags(id, { Marker, MaxItems }, tags);
  return { Tags: [...page.items], ...page.end };
}
