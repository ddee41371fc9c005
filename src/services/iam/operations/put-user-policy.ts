import type { PutUserPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { putInlinePolicy } from '../principal-policies.ts';

/** Stores an inline policy of a user, or replaces the one of that name. */
export async function putUserPolicy(
  context: IamContext,
  input: Checked<PutUserPolicyRequest>,
): Promise<void> {
  await putInlinePolicy(context, 'user', input.UserName, {
    PolicyName: input.PolicyName,
    PolicyDocument: input.PolicyDocument,
  });
}
