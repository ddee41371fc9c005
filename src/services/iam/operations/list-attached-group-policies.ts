import type {
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachedPolicies } from '../principal-policies.ts';

/** Lists the managed policies that are attached to a group. */
export async function listAttachedGroupPolicies(
  context: IamContext,
  input: Checked<ListAttachedGroupPoliciesRequest>,
): Promise<ListAttachedGroupPoliciesResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await attachedPolicies(context, 'group', input.GroupName, { PathPrefix, Marker, MaxItems });
  return { AttachedPolicies: [...page.items], ...page.end };
}
