import type {
  EventSourceMappingConfiguration,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Changes a mapping's options; what is not given stays. The batch under way is finished with the old ones. Disabling
 * keeps the position.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export function updateEventSourceMapping(
  { mappings }: LambdaContext,
  input: Checked<UpdateEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  return mappings.update(input);
}
