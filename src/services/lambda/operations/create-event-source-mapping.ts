import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Connects a stream to a function. Unlike on AWS the mapping is active when the call returns, and LATEST means the time
 * of the call: no record put afterwards is missed.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export function createEventSourceMapping(
  { mappings }: LambdaContext,
  input: Checked<CreateEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  return mappings.create(input);
}
