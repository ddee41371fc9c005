import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { policyOf, versionOf, versionOutput } from '../managed-policies.ts';

/** Returns a version of a managed policy with its document. */
export async function getPolicyVersion(
  context: IamContext,
  input: Checked<GetPolicyVersionRequest>,
): Promise<GetPolicyVersionResponse> {
  const policy = await policyOf(context, input.PolicyArn);
  const version = versionOf(policy, input.VersionId);
  return { PolicyVersion: versionOutput(version, policy.defaultVersion) };
}
