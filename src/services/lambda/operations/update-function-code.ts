import { randomUUID } from 'node:crypto';
import type { FunctionConfiguration, UpdateFunctionCodeRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unsupportedOption } from '../errors.ts';
import { configurationOf } from '../function-configuration.ts';
import { inLambdasWords, zipOf } from '../upload.ts';

/**
 * Replaces a function's code. Invocations in progress finish with the old code; those that start after the call has
 * returned use the new code. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
 */
export async function updateFunctionCode(
  { functions, clock }: LambdaContext,
  input: Checked<UpdateFunctionCodeRequest>,
): Promise<FunctionConfiguration> {
  const { name } = functions.resolve(input.FunctionName).found;
  if (input.Publish === true) throw unsupportedOption('Publish');
  if (input.DryRun === true) throw unsupportedOption('DryRun of UpdateFunctionCode');
  if (input.PublishTo !== undefined) throw unsupportedOption('PublishTo');
  const zip = zipOf(input, 'UpdateFunctionCode');
  try {
    const definition = await functions.updateCode(name, zip, input.RevisionId, (row, code) => ({
      ...row,
      code,
      architecture: input.Architectures?.[0] ?? row.architecture,
      revisionId: randomUUID(),
      lastModifiedMs: clock.now(),
    }));
    return await configurationOf(definition, functions.arn(name));
  } catch (error) {
    throw inLambdasWords(error);
  }
}
