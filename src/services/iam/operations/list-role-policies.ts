import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicyNames } from '../principal-policies.ts';

/** Lists the names of the inline policies of a role. */
export async function listRolePolicies(
  context: IamContext,
  input: Checked<ListRolePoliciesRequest>,
): Promise<ListRolePoliciesResponse> {
  const { Marker, MaxItems } = input;
  const page = await inlinePolicyNames(context, 'role', input.RoleName, { Marker, MaxItems });
  return { PolicyNames: [...page.items], ...page.end };
}
