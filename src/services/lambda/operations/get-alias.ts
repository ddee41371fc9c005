import type { AliasConfiguration, GetAliasRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { aliasNotFound } from '../versions/errors.ts';

/**
 * Describes an alias. https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html
 */
export function getAlias(
  { functions }: LambdaReads,
  { FunctionName, Name }: Checked<GetAliasRequest>,
): AliasConfiguration {
  const { name } = functions.resolveName(FunctionName).definition;
  const arn = functions.aliases.arn(name, Name);
  const row = functions.alias(name, Name);
  if (row === undefined) throw aliasNotFound(arn);
  return functions.aliases.describe(row);
}
