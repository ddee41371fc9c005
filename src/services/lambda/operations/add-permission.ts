import type { AddPermissionRequest, AddPermissionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { policyForLatest } from '../errors.ts';
import { policyOwner } from '../policies/policy-owner.ts';
import { statementOf } from '../policies/statement.ts';

/**
 * Adds a statement to the policy of a function: it lets a service, an account, a user or a role invoke it. Whether the
 * principal exists is not checked. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
export async function addPermission(
  { functions, policies }: LambdaContext,
  input: Checked<AddPermissionRequest>,
): Promise<AddPermissionResponse> {
  const { reference } = functions.resolve(input.FunctionName, input.Qualifier);
  if (reference.qualifier === '$LATEST') throw policyForLatest();
  const owner = policyOwner(functions, input.FunctionName, input.Qualifier);
  const statement = statementOf(input, reference.arn);
  await policies.add(owner, statement, {
    revisionId: input.RevisionId,
    check: (transaction) => functions.requireIn(transaction, owner.definition.name),
  });
  return { Statement: JSON.stringify(statement) };
}
