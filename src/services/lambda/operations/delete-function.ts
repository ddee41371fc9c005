import type { DeleteFunctionRequest, DeleteFunctionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Deletes a function, its code, and its pending asynchronous invocations. Invocations in progress finish; its logs
 * stay; its event source mappings stay and fail, as on AWS.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export async function deleteFunction(
  { functions }: LambdaContext,
  input: Checked<DeleteFunctionRequest>,
): Promise<DeleteFunctionResponse> {
  const { found } = functions.resolve(input.FunctionName, input.Qualifier);
  await functions.delete(found.name);
  return { StatusCode: 204 };
}
