import type { GetRolePolicyRequest, GetRolePolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicy } from '../principal-policies.ts';

/** Returns an inline policy of a role. */
export async function getRolePolicy(
  context: IamContext,
  input: Checked<GetRolePolicyRequest>,
): Promise<GetRolePolicyResponse> {
  const row = await context.store.roles.get(input.RoleName);
  return {
    RoleName: row.name,
    ...(await inlinePolicy(context, 'role', input.RoleName, input.PolicyName)),
  };
}
