import type { DeleteUserPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteInlinePolicy } from '../principal-policies.ts';

/** Deletes an inline policy of a user. */
export async function deleteUserPolicy(
  context: IamContext,
  input: Checked<DeleteUserPolicyRequest>,
): Promise<void> {
  await deleteInlinePolicy(context, 'user', input.UserName, input.PolicyName);
}
