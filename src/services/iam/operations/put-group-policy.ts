import type { PutGroupPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { putInlinePolicy } from '../principal-policies.ts';

/** Stores an inline policy of a group, or replaces the one of that name. */
export async function putGroupPolicy(
  context: IamContext,
  input: Checked<PutGroupPolicyRequest>,
): Promise<void> {
  await putInlinePolicy(context, 'group', input.GroupName, {
    PolicyName: input.PolicyName,
    PolicyDocument: input.PolicyDocument,
  });
}
