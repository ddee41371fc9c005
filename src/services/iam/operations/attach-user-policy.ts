import type { AttachUserPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachPolicy } from '../principal-policies.ts';

/** Attaches a managed policy of the account or of AWS to a user. */
export async function attachUserPolicy(
  context: IamContext,
  input: Checked<AttachUserPolicyRequest>,
): Promise<void> {
  await attachPolicy(context, 'user', input.UserName, input.PolicyArn);
}
