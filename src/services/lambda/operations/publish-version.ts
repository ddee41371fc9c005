import type { FunctionConfiguration, PublishVersionRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unsupportedOption } from '../errors.ts';
import { configurationOf } from '../function-configuration.ts';

/**
 * Publishes a version of a function's code and configuration, which then never changes; returns the last version when
 * nothing has changed since. Functions that nagare.yaml declares have no versions: their code is a file.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
 */
export async function publishVersion(
  { functions, changes, clock }: LambdaContext,
  input: Checked<PublishVersionRequest>,
): Promise<FunctionConfiguration> {
  const { name } = functions.resolveName(input.FunctionName);
  if (input.PublishTo !== undefined) throw unsupportedOption('PublishTo');
  const definition = await changes.publish(name, {
    nowMs: clock.now(),
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.RevisionId === undefined ? {} : { revisionId: input.RevisionId }),
    ...(input.CodeSha256 === undefined ? {} : { codeSha256: input.CodeSha256 }),
  });
  return await configurationOf(definition, `${functions.arn(name)}:${definition.version}`);
}
