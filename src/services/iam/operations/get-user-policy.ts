import type { GetUserPolicyRequest, GetUserPolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { inlinePolicy } from '../principal-policies.ts';

/** Returns an inline policy of a user. */
export async function getUserPolicy(
  context: IamContext,
  input: Checked<GetUserPolicyRequest>,
): Promise<GetUserPolicyResponse> {
  const row = await context.store.users.get(input.UserName);
  return {
    UserName: row.name,
    ...(await inlinePolicy(context, 'user', input.UserName, input.PolicyName)),
  };
}
