import type { DeleteFunctionRequest, DeleteFunctionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { parseFunctionName } from '../names.ts';
import { aliasNotDeletedHere } from '../versions/errors.ts';
import { isVersionNumber, LATEST } from '../versions/version-row.ts';

/**
 * Deletes a function with its versions and aliases, its code, and its pending asynchronous invocations; with a
 * Qualifier only that version. Invocations in progress finish; its logs stay; its event source mappings stay and fail,
 * as on AWS. https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html
 */
export async function deleteFunction(
  { functions, changes }: LambdaContext,
  input: Checked<DeleteFunctionRequest>,
): Promise<DeleteFunctionResponse> {
  const { name, qualifier } = parseFunctionName(input.FunctionName, functions.place, input.Qualifier);
  functions.resolveName(name);
  if (qualifier === undefined) await changes.delete(name);
  else if (qualifier !== LATEST && !isVersionNumber(qualifier)) throw aliasNotDeletedHere();
  else await changes.deleteVersion(name, qualifier);
  return { StatusCode: 204 };
}
