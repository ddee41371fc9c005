import type { DeleteRolePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteInlinePolicy } from '../principal-policies.ts';

/** Deletes an inline policy of a role. */
export async function deleteRolePolicy(
  context: IamContext,
  input: Checked<DeleteRolePolicyRequest>,
): Promise<void> {
  await deleteInlinePolicy(context, 'role', input.RoleName, input.PolicyName);
}
