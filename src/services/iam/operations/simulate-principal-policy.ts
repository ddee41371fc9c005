import type { SimulatePolicyResponse, SimulatePrincipalPolicyRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { policySourceOf } from '../policy-sources.ts';
import { callerOf, callerOfSource } from '../simulated-caller.ts';
import { givenPolicies, ownPolicies, simulate } from '../simulation.ts';
import { resultPage } from '../simulation-page.ts';

/** Evaluates the policies of a user, group or role, and further ones given in the call. Positions of statements are not in the answer. */
export async function simulatePrincipalPolicy(
  context: IamContext,
  input: Checked<SimulatePrincipalPolicyRequest>,
): Promise<SimulatePolicyResponse> {
  const { PolicySourceArn, PolicyInputList = [], Marker, MaxItems } = input;
  const { PermissionsBoundaryPolicyInputList: boundaries, CallerArn } = input;
  if ((input.PolicyExclusionList ?? []).length > 0) {
    throw invalidInput('nagare does not support PolicyExclusionList');
  }
  const source = await policySourceOf(context, PolicySourceArn);
  if (source.kind !== 'user' && input.ResourcePolicy !== undefined && CallerArn === undefined) {
    throw invalidInput(
      'CallerArn is required when ResourcePolicy is given and PolicySourceArn is not a user.',
    );
  }
  const caller = CallerArn === undefined ? callerOfSource(source) : callerOf(CallerArn);
  const results = simulate(input, {
    ...caller,
    policies: [...ownPolicies(source.policies), ...givenPolicies('PolicyInputList', PolicyInputList)],
    boundary:
      boundaries === undefined
        ? source.boundary && ownPolicies(source.boundary)
        : givenPolicies('PermissionsBoundaryPolicyInputList', boundaries),
    accountId: context.accountId,
  });
  return await resultPage({ Marker, MaxItems }, results);
}
