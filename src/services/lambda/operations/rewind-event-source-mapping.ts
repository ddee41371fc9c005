import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { RewindEventSourceMappingInput } from '../api-types.ts';
import type { LambdaContext } from '../context.ts';

/**
 * An operation that only nagare has. Moves a mapping to another position in all shards or in one, backward or forward,
 * and discards open windows. Waits for invocations in progress, and answers when the position is durable.
 */
export function rewindEventSourceMapping(
  { mappings }: LambdaContext,
  input: RewindEventSourceMappingInput,
): Promise<EventSourceMappingConfiguration> {
  return mappings.rewind(input);
}
