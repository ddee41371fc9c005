import { randomUUID } from 'node:crypto';
import type { CreateFunctionRequest, FunctionConfiguration } from '@aws-sdk/client-lambda';
import { lambdaLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { ownArchitecture } from '../declared/definition.ts';
import { runtimeAndHandlerMandatory } from '../errors.ts';
import { configurationOf } from '../function-configuration.ts';
import { checkRuntime, checkTimeout, environmentOf, refuseUnsupported } from '../function-options.ts';
import { parseFunctionName } from '../names.ts';
import { inLambdasWords, zipOf } from '../upload.ts';

/**
 * Creates a function with the code of a zip. Unlike on AWS the function is active when the call returns. The role is
 * stored and returned, but not checked. MemorySize plus the language's base memory limits the process and all its
 * children. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export async function createFunction(
  { functions, clock }: LambdaContext,
  input: Checked<CreateFunctionRequest>,
): Promise<FunctionConfiguration> {
  const { name } = parseFunctionName(input.FunctionName, functions.place);
  const { Runtime: runtime, Handler: handler } = input;
  refuseUnsupported(input);
  if (runtime === undefined || handler === undefined) throw runtimeAndHandlerMandatory();
  checkRuntime(runtime);
  checkTimeout(input.Timeout ?? lambdaLimits.functionTimeoutSecondsDefault);
  const environment = environmentOf(input.Environment);
  const zip = zipOf(input.Code, 'CreateFunction');
  try {
    const definition = await functions.create(name, zip, (code) => ({
      name,
      runtime,
      handler,
      code,
      environment,
      ...(input.Environment === undefined ? {} : { hasEnvironment: true }),
      role: input.Role,
      description: input.Description ?? '',
      timeoutSeconds: input.Timeout ?? lambdaLimits.functionTimeoutSecondsDefault,
      memoryMegabytes: input.MemorySize ?? lambdaLimits.functionMemoryMegabytesDefault,
      architecture: input.Architectures?.[0] ?? ownArchitecture(),
      revisionId: randomUUID(),
      lastModifiedMs: clock.now(),
      tags: input.Tags ?? {},
    }));
    return await configurationOf(definition, functions.arn(name));
  } catch (error) {
    throw inLambdasWords(error);
  }
}
