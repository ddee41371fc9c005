import type { ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachedPolicies } from '../principal-policies.ts';

/** Lists the managed policies that are attached to a user. */
export async function listAttachedUserPolicies(
  context: IamContext,
  input: Checked<ListAttachedUserPoliciesRequest>,
): Promise<ListAttachedUserPoliciesResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await attachedPolicies(context, 'user', input.UserName, { PathPrefix, Marker, MaxItems });
  return { AttachedPolicies: [...page.items], ...page.end };
}
