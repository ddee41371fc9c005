import type { FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * Returns the settings of asynchronous invocation of a function, version or alias.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html
 */
export function getFunctionEventInvokeConfig(
  { eventInvokeConfigs }: LambdaReads,
  input: Checked<GetFunctionEventInvokeConfigRequest>,
): FunctionEventInvokeConfig {
  return eventInvokeConfigs.get(input);
}
