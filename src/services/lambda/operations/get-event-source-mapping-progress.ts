import type { EventSourceMappingProgress, MappingNameInput } from '../api-types.ts';
import type { LambdaContext } from '../context.ts';

/**
 * An operation that only nagare has. Shows where a mapping is in each shard, how far behind the newest record, and the batches that fail.
 */
export function getEventSourceMappingProgress(
  { mappings }: LambdaContext,
  input: MappingNameInput,
): Promise<EventSourceMappingProgress> {
  return mappings.progress(input.UUID);
}
