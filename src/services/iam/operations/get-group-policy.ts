import type { GetGroupPolicyRequest, GetGroupPolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicy } from '../principal-policies.ts';

/** Returns an inline policy of a group. */
export async function getGroupPolicy(
  context: IamContext,
  input: Checked<GetGroupPolicyRequest>,
): Promise<GetGroupPolicyResponse> {
  const row = await context.store.groups.get(input.GroupName);
  return {
    GroupName: row.name,
    ...(await inlinePolicy(context, 'group', input.GroupName, input.PolicyName)),
  };
}
