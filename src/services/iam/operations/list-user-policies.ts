import type { ListUserPoliciesRequest, ListUserPoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicyNames } from '../principal-policies.ts';

/** Lists the names of the inline policies of a user. */
export async function listUserPolicies(
  context: IamContext,
  input: Checked<ListUserPoliciesRequest>,
): Promise<ListUserPoliciesResponse> {
  const { Marker, MaxItems } = input;
  const page = await inlinePolicyNames(context, 'user', input.UserName, { Marker, MaxItems });
  return { PolicyNames: [...page.items], ...page.end };
}
