import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachedPolicies } from '../principal-policies.ts';

/** Lists the managed policies that are attached to a role. */
export async function listAttachedRolePolicies(
  context: IamContext,
  input: Checked<ListAttachedRolePoliciesRequest>,
): Promise<ListAttachedRolePoliciesResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await attachedPolicies(context, 'role', input.RoleName, { PathPrefix, Marker, MaxItems });
  return { AttachedPolicies: [...page.items], ...page.end };
}
