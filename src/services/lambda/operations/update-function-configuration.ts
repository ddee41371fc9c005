import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { configurationOf } from '../function-configuration.ts';
import { checkRuntime, checkTimeout, environmentOf, refuseUnsupported } from '../function-options.ts';

/**
 * Changes the given members of a function's configuration. Invocations in progress finish with the old one.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export async function updateFunctionConfiguration(
  { functions, clock }: LambdaContext,
  input: Checked<UpdateFunctionConfigurationRequest>,
): Promise<FunctionConfiguration> {
  const { name } = functions.resolve(input.FunctionName).found;
  refuseUnsupported(input);
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  if (input.Timeout !== undefined) checkTimeout(input.Timeout);
  const environment = input.Environment === undefined ? undefined : environmentOf(input.Environment);
  const definition = await functions.update(name, input.RevisionId, (row) => ({
    ...row,
    role: input.Role ?? row.role,
    handler: input.Handler ?? row.handler,
    description: input.Description ?? row.description,
    timeoutSeconds: input.Timeout ?? row.timeoutSeconds,
    memoryMegabytes: input.MemorySize ?? row.memoryMegabytes,
    environment: environment ?? row.environment,
    ...(environment === undefined ? {} : { hasEnvironment: true }),
    runtime: input.Runtime ?? row.runtime,
    revisionId: randomUUID(),
    lastModifiedMs: clock.now(),
  }));
  return await configurationOf(definition, functions.arn(name));
}
