import type { DetachRolePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { detachPolicy } from '../principal-policies.ts';

/** Detaches a managed policy from a role. */
export async function detachRolePolicy(
  context: IamContext,
  input: Checked<DetachRolePolicyRequest>,
): Promise<void> {
  await detachPolicy(context, 'role', input.RoleName, input.PolicyArn);
}
