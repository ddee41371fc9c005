import type {
  FunctionEventInvokeConfig,
  UpdateFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { checkDestinations } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Changes the given settings of asynchronous invocation, and leaves the others.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html
 */
export async function updateFunctionEventInvokeConfig(
  context: LambdaContext,
  input: Checked<UpdateFunctionEventInvokeConfigRequest>,
): Promise<FunctionEventInvokeConfig> {
  const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
  await checkDestinations(context, input.FunctionName, [OnSuccess?.Destination, OnFailure?.Destination]);
  return await context.eventInvokeConfigs.update(input);
}
