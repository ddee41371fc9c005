import type { AttachGroupPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { attachPolicy } from '../principal-policies.ts';

/** Attaches a managed policy of the account or of AWS to a group. */
export async function attachGroupPolicy(
  context: IamContext,
  input: Checked<AttachGroupPolicyRequest>,
): Promise<void> {
  await attachPolicy(context, 'group', input.GroupName, input.PolicyArn);
}
