import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { checkDeadLetters, checkRole } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';
import type { FunctionLayer } from '../layers/layer-row.ts';
import { loggingOf } from '../function-logging.ts';
import { configurationOf } from '../function-configuration.ts';
import {
  checkRuntime,
  checkTimeout,
  deadLetterTargetOf,
  environmentOf,
  refuseUnsupported,
} from '../function-options.ts';

function withLayers(layers: readonly FunctionLayer[]): { readonly layers?: readonly FunctionLayer[] } {
  return layers.length === 0 ? {} : { layers };
}

/**
 * Changes the given members of a function's configuration. Invocations in progress finish with the old one.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
export async function updateFunctionConfiguration(
  context: LambdaContext,
  input: Checked<UpdateFunctionConfigurationRequest>,
): Promise<FunctionConfiguration> {
  const { functions, changes, layers, targets, acting, clock } = context;
  const { name } = functions.resolveName(input.FunctionName);
  refuseUnsupported(input);
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  if (input.Timeout !== undefined) checkTimeout(input.Timeout);
  const environment = input.Environment === undefined ? undefined : environmentOf(input.Environment);
  const newLayers = input.Layers === undefined ? undefined : layers.resolve(input.Layers);
  if (input.Role !== undefined) await checkRole(acting, input.Role, functions.arn(name));
  await checkNewDeadLetters(context, name, input);
  const definition = await changes.update(
    name,
    input.RevisionId,
    ({ deadLetterTarget, layers: layersBefore = [], logging, ...row }) => ({
      ...row,
      ...withLayers(newLayers ?? layersBefore),
      ...deadLetterTargetOf(input, targets, deadLetterTarget),
      ...loggingOf(input.LoggingConfig, { name, ...(logging !== undefined && { logging }) }),
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
    }),
    newLayers,
  );
  return await configurationOf(definition, functions.arn(name));
}

/** Another role, or another target: the role must be allowed to send to the target. */
async function checkNewDeadLetters(
  { functions, targets }: LambdaContext,
  name: string,
  input: Checked<UpdateFunctionConfigurationRequest>,
): Promise<void> {
  const before = functions.locate(name)?.definition;
  if (before === undefined || (input.Role === undefined && input.DeadLetterConfig === undefined)) return;
  const { deadLetterTarget } = deadLetterTargetOf(input, targets, before.deadLetterTarget);
  const roleArn = input.Role ?? before.role;
  const isUnlimited = input.Role === undefined && before.isUnlimited === true;
  await checkDeadLetters(
    { targets },
    { name, arn: functions.arn(name), roleArn, isUnlimited },
    deadLetterTarget,
  );
}
