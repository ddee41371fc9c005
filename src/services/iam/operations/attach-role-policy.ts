import type { AttachRolePolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachPolicy } from '../principal-policies.ts';

/** Attaches a managed policy of the account or of AWS to a role. */
export async function attachRolePolicy(
  context: IamContext,
  input: Checked<AttachRolePolicyRequest>,
): Promise<void> {
  await attachPolicy(context, 'role', input.RoleName, input.PolicyArn);
}
