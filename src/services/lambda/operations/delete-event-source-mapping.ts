import type {
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Ends a mapping and forgets its position; the invocations under way are finished.
 * https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html
 */
export function deleteEventSourceMapping(
  { mappings }: LambdaContext,
  { UUID: uuid }: Checked<DeleteEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  return mappings.delete(uuid);
}
