import type { GetPolicyRequest, GetPolicyResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { policyNotFound } from '../errors.ts';
import { policyOwner } from '../policies/policy-owner.ts';

/**
 * Returns the policy of a function. https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
 */
export function getPolicy(
  { functions, policies }: LambdaReads,
  input: Checked<GetPolicyRequest>,
): GetPolicyResponse {
  const owner = policyOwner(functions, input.FunctionName, input.Qualifier);
  const policy = policies.get(owner);
  if (policy === undefined) throw policyNotFound();
  return { Policy: policy, RevisionId: policies.revisionOf(owner) };
}
