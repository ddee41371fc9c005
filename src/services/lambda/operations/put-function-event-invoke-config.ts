import type { FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { checkDestinations } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Replaces the settings of asynchronous invocation: retries, the age of events, and destinations, which are topics,
 * functions and, for failed invocations, buckets; event buses are refused.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
 */
export async function putFunctionEventInvokeConfig(
  context: LambdaContext,
  input: Checked<PutFunctionEventInvokeConfigRequest>,
): Promise<FunctionEventInvokeConfig> {
  const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
  await checkDestinations(context, input.FunctionName, [OnSuccess?.Destination, OnFailure?.Destination]);
  return await context.eventInvokeConfigs.put(input);
}
