import type { ListFunctionsRequest, ListFunctionsResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { listedConfigurationOf } from '../function-configuration.ts';
import type { FunctionDefinition } from '../function-definition.ts';
import { versionOwner } from '../policies/policy-owner.ts';
import { pageOf } from '../pages.ts';
import { definitionKey } from '../versions/version-row.ts';

/**
 * Lists all functions by name, including declared ones, without their states and the versions of their runtimes, at most 50 at a time; with FunctionVersion ALL each of their
 * versions. No function has replicas in other regions: a MasterRegion that is not the server's finds none.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 */
export async function listFunctions(
  { functions, policies }: LambdaReads,
  input: Checked<ListFunctionsRequest>,
): Promise<ListFunctionsResponse> {
  const { MasterRegion: master = 'ALL', FunctionVersion: versions } = input;
  if (master !== 'ALL' && master !== functions.place.region) return { Functions: [] };
  const listed = versions === 'ALL' ? allVersions(functions) : functions.latest();
  const { items, next } = pageOf('ListFunctions', listed, definitionKey, input);
  const arnOf = ({ name, version }: FunctionDefinition): string =>
    versions === 'ALL' ? `${functions.arn(name)}:${version}` : functions.arn(name);
  return {
    Functions: await Promise.all(
      items.map((definition) =>
        listedConfigurationOf(definition, arnOf(definition), policies.revisionOf(versionOwner(definition))),
      ),
    ),
    ...next,
  };
}

function* allVersions(functions: LambdaReads['functions']): Generator<FunctionDefinition> {
  for (const { name } of functions.latest()) yield* functions.versionsOf(name);
}
