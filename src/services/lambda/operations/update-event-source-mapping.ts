import type {
  EventSourceMappingConfiguration,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Changes the given options of a mapping. The batch in progress finishes with the old ones. Disabling keeps the
 * checkpoints. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export function updateEventSourceMapping(
  { mappings }: LambdaContext,
  input: Checked<UpdateEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  return mappings.update(input);
}
