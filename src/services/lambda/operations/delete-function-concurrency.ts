import type { DeleteFunctionConcurrencyRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unqualified } from '../names.ts';

/**
 * Removes the reserved concurrency of a function.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html
 */
export async function deleteFunctionConcurrency(
  { functions, changes }: LambdaContext,
  input: Checked<DeleteFunctionConcurrencyRequest>,
): Promise<void> {
  const { name } = functions.resolveName(unqualified(input.FunctionName, functions.place));
  await changes.reserve(name, undefined);
}
