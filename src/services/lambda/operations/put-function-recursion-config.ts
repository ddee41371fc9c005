import type {
  PutFunctionRecursionConfigRequest,
  PutFunctionRecursionConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unsupportedOption } from '../errors.ts';

/**
 * Accepts Allow, which is what happens; Terminate is refused.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html
 */
export function putFunctionRecursionConfig(
  { functions }: LambdaContext,
  input: Checked<PutFunctionRecursionConfigRequest>,
): PutFunctionRecursionConfigResponse {
  functions.resolveName(input.FunctionName);
  if (input.RecursiveLoop !== 'Allow') throw unsupportedOption(`RecursiveLoop ${input.RecursiveLoop}`);
  return { RecursiveLoop: 'Allow' };
}
