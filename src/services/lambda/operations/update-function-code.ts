import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration, UpdateFunctionCodeRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { StoredCode } from '../code/code-store.ts';
import type { LambdaContext } from '../context.ts';
import { imageForZip, unsupportedOption } from '../errors.ts';
import type { FunctionRow } from '../function-definition.ts';
import { configurationOf } from '../function-configuration.ts';
import { checkClient, checkedArchitecture } from '../function-options.ts';

/**
 * Replaces a function's code. Invocations in progress finish with the old code; those that start after the call has
 * returned use the new code. With DryRun the zip is checked, and nothing is changed. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export async function updateFunctionCode(
  { functions, changes, uploads, clock, runtimeFolder }: LambdaContext,
  input: Checked<UpdateFunctionCodeRequest>,
): Promise<FunctionConfiguration> {
  const { name, definition: before } = functions.resolveName(input.FunctionName);
  if (input.ImageUri !== undefined) throw imageForZip();
  if (input.PublishTo !== undefined) throw unsupportedOption('PublishTo');
  const change = (row: FunctionRow, code: StoredCode): FunctionRow => ({
    ...row,
    code,
    architecture: checkedArchitecture(input.Architectures) ?? row.architecture,
    revisionId: randomUUID(),
    lastModifiedMs: clock.now(),
  });
  const definition = await uploads.use(input, async (zip) => {
    checkClient(zip, { ...before, hasLayers: (before.layers ?? []).length > 0, runtimeFolder });
    return await changes.updateCode(name, zip, change, {
      revisionId: input.RevisionId,
      publish: input.Publish === true ? { nowMs: clock.now() } : undefined,
      dryRun: input.DryRun === true,
    });
  });
  const arn = functions.arn(name);
  return await configurationOf(definition, input.Publish === true ? `${arn}:${definition.version}` : arn);
}
