import type { AliasConfiguration, UpdateAliasRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Changes the given members of an alias; empty AdditionalVersionWeights remove the second version. Invocations that
 * start after the call has returned use the new version.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html
 */
export async function updateAlias(
  { functions }: LambdaContext,
  { FunctionName, Name, ...input }: Checked<UpdateAliasRequest>,
): Promise<AliasConfiguration> {
  const { name } = functions.resolveName(FunctionName);
  functions.refuseDeclared(name);
  const row = await functions.aliases.update(name, Name, input);
  return functions.aliases.describe(row);
}
