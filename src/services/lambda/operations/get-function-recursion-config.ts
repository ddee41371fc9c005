import type {
  GetFunctionRecursionConfigRequest,
  GetFunctionRecursionConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * Returns Allow: functions that invoke themselves through other resources are not detected.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionRecursionConfig.html
 */
export function getFunctionRecursionConfig(
  { functions }: LambdaReads,
  input: Checked<GetFunctionRecursionConfigRequest>,
): GetFunctionRecursionConfigResponse {
  functions.resolveName(input.FunctionName);
  return { RecursiveLoop: 'Allow' };
}
