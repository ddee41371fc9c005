import type { RemovePermissionRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { policyOwner } from '../policies/policy-owner.ts';

/**
 * Removes a statement from the policy of a function.
 * https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html
 */
export async function removePermission(
  { functions, policies }: LambdaContext,
  input: Checked<RemovePermissionRequest>,
): Promise<void> {
  const owner = policyOwner(functions, input.FunctionName, input.Qualifier);
  await policies.remove(owner, input.StatementId, {
    revisionId: input.RevisionId,
    check: (transaction) => functions.requireIn(transaction, owner.definition.name),
  });
}
