import type { DeleteFunctionEventInvokeConfigRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Removes the settings of asynchronous invocation: two retries, six hours, no destinations.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html
 */
export async function deleteFunctionEventInvokeConfig(
  { eventInvokeConfigs }: LambdaContext,
  input: Checked<DeleteFunctionEventInvokeConfigRequest>,
): Promise<void> {
  await eventInvokeConfigs.delete(input);
}
