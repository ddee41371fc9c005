import type { SimulateCustomPolicyRequest, SimulatePolicyResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { givenPolicies, simulate } from '../simulation.ts';
import { callerOf } from '../simulated-caller.ts';
import { resultPage } from '../simulation-page.ts';

/** Evaluates policies given in the call, without regard to what is stored. Positions of statements are not in the answer. */
export async function simulateCustomPolicy(
  context: IamContext,
  input: Checked<SimulateCustomPolicyRequest>,
): Promise<SimulatePolicyResponse> {
  const { PolicyInputList, PermissionsBoundaryPolicyInputList: boundaries, Marker, MaxItems } = input;
  const { accountId } = context;
  if ((input.OrderedOrganizationPolicyInputList ?? []).length > 0) {
    throw invalidInput(
      'nagare does not support OrderedOrganizationPolicyInputList: it has no Organizations.',
    );
  }
  if (input.ResourcePolicy !== undefined && input.CallerArn === undefined) {
    throw invalidInput('CallerArn is required when ResourcePolicy is given.');
  }
  const caller = callerOf(input.CallerArn ?? `arn:aws:iam::${accountId}:user/simulated`);
  const results = simulate(input, {
    ...caller,
    policies: givenPolicies('PolicyInputList', PolicyInputList),
    boundary: boundaries && givenPolicies('PermissionsBoundaryPolicyInputList', boundaries),
    accountId,
  });
  return await resultPage({ Marker, MaxItems }, results);
}
