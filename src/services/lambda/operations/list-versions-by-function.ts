import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { listedConfigurationOf } from '../function-configuration.ts';
import { versionOwner } from '../policies/policy-owner.ts';
import { pageOf } from '../pages.ts';
import { definitionKey } from '../versions/version-row.ts';

/**
 * Lists $LATEST and the published versions of a function, at most 50 at a time.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
 */
export async function listVersionsByFunction(
  { functions, policies }: LambdaReads,
  input: Checked<ListVersionsByFunctionRequest>,
): Promise<ListVersionsByFunctionResponse> {
  const { name } = functions.resolve(input.FunctionName).found.definition;
  const { items, next } = pageOf('ListVersionsByFunction', functions.versionsOf(name), definitionKey, input);
  return {
    Versions: await Promise.all(
      items.map((definition) =>
        listedConfigurationOf(
          definition,
          `${functions.arn(name)}:${definition.version}`,
          policies.revisionOf(versionOwner(definition)),
        ),
      ),
    ),
    ...next,
  };
}
