import type { GetFunctionRequest, GetFunctionResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { codeLocation } from '../code/download.ts';
import type { LambdaContext } from '../context.ts';
import { configurationOf } from '../function-configuration.ts';

/**
 * Describes a function. `Code.Location` is a URL of this server for the zip; with
 * `--auth required` it expires after ten minutes. Declared functions have none. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
export async function getFunction(
  { functions, endpoint, ownKeys }: LambdaContext,
  input: Checked<GetFunctionRequest>,
): Promise<GetFunctionResponse> {
  const { found, reference } = functions.resolve(input.FunctionName, input.Qualifier);
  const { definition } = found;
  const url = codeLocation(endpoint(), definition.name);
  const location = ownKeys?.presigned(url) ?? url;
  return {
    Configuration: await configurationOf(definition, reference.arn),
    ...(definition.source.kind === 'zip' ? { Code: { RepositoryType: 'S3', Location: location } } : {}),
    ...(Object.keys(definition.tags).length === 0 ? {} : { Tags: { ...definition.tags } }),
  };
}
