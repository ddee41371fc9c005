import type { EventSourceMappingConfiguration, GetEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Returns a mapping's options, state, and last result.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
 */
export function getEventSourceMapping(
  { mappings }: LambdaContext,
  { UUID: uuid }: Checked<GetEventSourceMappingRequest>,
): EventSourceMappingConfiguration {
  return mappings.get(uuid);
}
