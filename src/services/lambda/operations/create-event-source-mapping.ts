import type {
  CreateEventSourceMappingRequest,
  EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { checkDestinations, checkSource } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Connects a stream or a queue to a function. Unlike on AWS the mapping is active when the call returns, and LATEST means the time
 * of the call: no record put afterwards is missed.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
 */
export async function createEventSourceMapping(
  context: LambdaContext,
  input: Checked<CreateEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  const { FunctionName, EventSourceArn, DestinationConfig } = input;
  if (EventSourceArn !== undefined) await checkSource(context, FunctionName, EventSourceArn);
  await checkDestinations(context, FunctionName, [DestinationConfig?.OnFailure?.Destination]);
  return await context.mappings.create(input);
}
