import type { PutRolePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { putInlinePolicy } from '../principal-policies.ts';

/** Stores an inline policy of a role, or replaces the one of that name. */
export async function putRolePolicy(
  context: IamContext,
  input: Checked<PutRolePolicyRequest>,
): Promise<void> {
  await putInlinePolicy(context, 'role', input.RoleName, {
    PolicyName: input.PolicyName,
    PolicyDocument: input.PolicyDocument,
  });
}
