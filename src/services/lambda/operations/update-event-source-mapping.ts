import type {
  EventSourceMappingConfiguration,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import { checkDestinations, checkSource } from '../check-permissions.ts';
import type { LambdaContext } from '../context.ts';

/**
 * Changes the given options of a mapping. The batch in progress finishes with the old ones. Disabling keeps the
 * checkpoints. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html
 */
export async function updateEventSourceMapping(
  context: LambdaContext,
  input: Checked<UpdateEventSourceMappingRequest>,
): Promise<EventSourceMappingConfiguration> {
  const { mappings } = context;
  const { EventSourceArn = '', FunctionArn = '' } = mappings.get(input.UUID);
  const functionName = input.FunctionName ?? FunctionArn;
  await checkSource(context, functionName, EventSourceArn);
  await checkDestinations(context, functionName, [input.DestinationConfig?.OnFailure?.Destination]);
  return await mappings.update(input);
}
