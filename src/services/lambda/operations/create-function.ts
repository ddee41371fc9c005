import { randomUUID } from 'node:crypto';
import type { CreateFunctionRequest, FunctionConfiguration } from '@aws-sdk/client-lambda';
import { lambdaLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { StoredCode } from '../code/code-store.ts';
import { checkDeadLetters, checkRole } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';
import { runtimeAndHandlerMandatory } from '../errors.ts';
import type { FunctionRow } from '../function-definition.ts';
import { loggingOf } from '../function-logging.ts';
import { configurationOf } from '../function-configuration.ts';
import {
  checkClient,
  checkedArchitecture,
  checkRuntime,
  checkTimeout,
  deadLetterTargetOf,
  environmentOf,
  ownArchitecture,
  refuseUnsupported,
} from '../function-options.ts';
import { parseFunctionName } from '../names.ts';
import { withLambdaTags } from '../tags.ts';

/**
 * Creates a function with the code of a zip, from the request or from an object of the server's own buckets. Unlike on AWS the function is active when the call returns. With `--auth
 * required`, the role must exist and trust Lambda. MemorySize plus the language's base memory limits the process and all its
 * children. https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
 */
export async function createFunction(
  { functions, changes, uploads, layers, targets, acting, clock, runtimeFolder }: LambdaContext,
  input: Checked<CreateFunctionRequest>,
): Promise<FunctionConfiguration> {
  const { name } = parseFunctionName(input.FunctionName, functions.place);
  const { Runtime: runtime, Handler: handler } = input;
  refuseUnsupported(input);
  if (runtime === undefined || handler === undefined) throw runtimeAndHandlerMandatory();
  checkRuntime(runtime);
  checkTimeout(input.Timeout ?? lambdaLimits.functionTimeoutSecondsDefault);
  const architecture = checkedArchitecture(input.Architectures) ?? ownArchitecture();
  const environment = environmentOf(input.Environment);
  const ownLayers = layers.resolve(input.Layers ?? []);
  const deadLetters = deadLetterTargetOf(input, targets);
  await checkRole(acting, input.Role, functions.arn(name));
  const role = { name, arn: functions.arn(name), roleArn: input.Role };
  await checkDeadLetters({ targets }, role, deadLetters.deadLetterTarget);
  const logging = loggingOf(input.LoggingConfig, { name });
  return await uploads.use(input.Code, async (zip) => {
    checkClient(zip, { runtime, handler, hasLayers: ownLayers.length > 0, runtimeFolder });
    const row = (code: StoredCode): FunctionRow => ({
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
      architecture,
      revisionId: randomUUID(),
      lastModifiedMs: clock.now(),
      tags: withLambdaTags({}, input.Tags ?? {}),
      ...deadLetters,
      ...logging,
      ...(ownLayers.length === 0 ? {} : { layers: ownLayers }),
    });
    const publish = input.Publish === true ? { nowMs: clock.now() } : undefined;
    const definition = await changes.create(name, zip, row, publish);
    return await configurationOf(definition, functions.arn(name));
  });
}
