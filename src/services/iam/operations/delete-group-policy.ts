import type { DeleteGroupPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { deleteInlinePolicy } from '../principal-policies.ts';

/** Deletes an inline policy of a group. */
export async function deleteGroupPolicy(
  context: IamContext,
  input: Checked<DeleteGroupPolicyRequest>,
): Promise<void> {
  await deleteInlinePolicy(context, 'group', input.GroupName, input.PolicyName);
}
