import type { DetachUserPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { detachPolicy } from '../principal-policies.ts';

/** Detaches a managed policy from a user. */
export async function detachUserPolicy(
  context: IamContext,
  input: Checked<DetachUserPolicyRequest>,
): Promise<void> {
  await detachPolicy(context, 'user', input.UserName, input.PolicyArn);
}
