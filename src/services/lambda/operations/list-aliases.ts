import type { ListAliasesRequest, ListAliasesResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { pageOf } from '../pages.ts';

/**
 * Lists the aliases of a function by name, at most 50 at a time; with FunctionVersion those of one version.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html
 */
export function listAliases(
  { functions }: LambdaReads,
  input: Checked<ListAliasesRequest>,
): ListAliasesResponse {
  const { name } = functions.resolveName(input.FunctionName).definition;
  const { FunctionVersion: version } = input;
  const found = [...functions.aliasesOf(name)].filter(
    (row) => version === undefined || row.version === version,
  );
  const { items, next } = pageOf('ListAliases', found, (row) => row.name, input);
  return {
    Aliases: items.map((row) => functions.aliases.describe(row)),
    ...next,
  };
}
