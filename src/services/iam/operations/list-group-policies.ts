import type { ListGroupPoliciesRequest, ListGroupPoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicyNames } from '../principal-policies.ts';

/** Lists the names of the inline policies of a group. */
export async function listGroupPolicies(
  context: IamContext,
  input: Checked<ListGroupPoliciesRequest>,
): Promise<ListGroupPoliciesResponse> {
  const { Marker, MaxItems } = input;
  const page = await inlinePolicyNames(context, 'group', input.GroupName, { Marker, MaxItems });
  return { PolicyNames: [...page.items], ...page.end };
}
