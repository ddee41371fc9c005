import type { AliasConfiguration, CreateAliasRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { functionNotFound } from '../errors.ts';
import { parseFunctionName } from '../names.ts';

/**
 * Gives a version of a function another name, which can be moved to other versions. AdditionalVersionWeights sends a
 * part of the invocations to a second version; each invocation chooses at random.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
 */
export async function createAlias(
  { functions }: LambdaContext,
  { FunctionName, Name, ...input }: Checked<CreateAliasRequest>,
): Promise<AliasConfiguration> {
  const { name, arn } = parseFunctionName(FunctionName, functions.place);
  // AWS's message names the version.
  if (functions.get(name) === undefined) throw functionNotFound(`${arn}:${input.FunctionVersion}`);
  functions.refuseDeclared(name);
  const row = await functions.aliases.create(name, Name, input);
  return functions.aliases.describe(row);
}
