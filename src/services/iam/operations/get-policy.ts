import type { GetPolicyRequest, GetPolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { policyOf, policyOutput } from '../managed-policies.ts';

/** Returns a managed policy of the account, or one of those AWS policies that nagare has. */
export async function getPolicy(
  context: IamContext,
  input: Checked<GetPolicyRequest>,
): Promise<GetPolicyResponse> {
  const policy = await policyOf(context, input.PolicyArn);
  return { Policy: await policyOutput(context, policy) };
}
