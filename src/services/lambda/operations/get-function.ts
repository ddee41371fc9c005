import type { GetFunctionRequest, GetFunctionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { codeLocation } from '../code/download.ts';
import type { LambdaReads } from '../context.ts';
import { configurationOf } from '../function-configuration.ts';
import { versionOwner } from '../policies/policy-owner.ts';

/**
 * Describes a function. `Code.Location` is a URL of this server for the zip; with
 * `--auth required` it expires after ten minutes. Declared functions have none. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export async function getFunction(
  { functions, policies, endpoint, ownUrls }: LambdaReads,
  input: Checked<GetFunctionRequest>,
): Promise<GetFunctionResponse> {
  const { found, reference } = functions.resolve(input.FunctionName, input.Qualifier);
  const { definition } = found;
  const { tags = {}, reservedConcurrency } = functions.get(definition.name)?.definition ?? {};
  const url = codeLocation(endpoint(), definition);
  const location = ownUrls?.presigned(url) ?? url;
  return {
    Configuration: await configurationOf(
      definition,
      reference.arn,
      policies.revisionOf(versionOwner(found.definition)),
    ),
    ...(definition.source.kind === 'zip' ? { Code: { RepositoryType: 'S3', Location: location } } : {}),
    ...(reservedConcurrency === undefined
      ? {}
      : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    ...(Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } }),
  };
}
