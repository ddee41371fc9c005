import type {
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * Lists the settings of asynchronous invocation of a function, its versions and aliases; at most 50 per response.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html
 */
export function listFunctionEventInvokeConfigs(
  { eventInvokeConfigs }: LambdaReads,
  input: Checked<ListFunctionEventInvokeConfigsRequest>,
): ListFunctionEventInvokeConfigsResponse {
  return eventInvokeConfigs.list(input);
}
