import type { FunctionConfiguration, GetFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';
import { configurationOf } from '../function-configuration.ts';
import { versionOwner } from '../policies/policy-owner.ts';

/**
 * Describes a function, without its code.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
 */
export async function getFunctionConfiguration(
  { functions, policies }: LambdaReads,
  input: Checked<GetFunctionConfigurationRequest>,
): Promise<FunctionConfiguration> {
  const { found, reference } = functions.resolve(input.FunctionName, input.Qualifier);
  return await configurationOf(
    found.definition,
    reference.arn,
    policies.revisionOf(versionOwner(found.definition)),
  );
}
