import type { DeleteAliasRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Deletes an alias; succeeds when it does not exist. Event source mappings that name it stay and fail, as on AWS.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html
 */
export async function deleteAlias(
  { functions }: LambdaContext,
  { FunctionName, Name }: Checked<DeleteAliasRequest>,
): Promise<void> {
  const { name } = functions.resolveName(FunctionName);
  functions.refuseDeclared(name);
  await functions.aliases.delete(name, Name);
}
