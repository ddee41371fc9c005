import type {
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Deletes a mapping with its checkpoints; invocations in progress finish.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html
 */
export function deleteEventSourceMapping(
  { mappings }: LambdaContext,
  { UUID: uuid }: Checked<DeleteEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  return mappings.delete(uuid);
}
