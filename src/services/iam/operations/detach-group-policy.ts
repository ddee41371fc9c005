import type { DetachGroupPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { detachPolicy } from '../principal-policies.ts';

/** Detaches a managed policy from a group. */
export async function detachGroupPolicy(
  context: IamContext,
  input: Checked<DetachGroupPolicyRequest>,
): Promise<void> {
  await detachPolicy(context, 'group', input.GroupName, input.PolicyArn);
}
