import type { ListEventSourceMappingsRequest, ListEventSourceMappingsResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Lists the mappings of a stream, of a function, or all; at most 100 per response.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html
 */
export function listEventSourceMappings(
  { mappings }: LambdaContext,
  input: Checked<ListEventSourceMappingsRequest>,
): ListEventSourceMappingsResponse {
  return mappings.list(input);
}
