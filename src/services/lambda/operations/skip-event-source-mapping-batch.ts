import type { SkipEventSourceMappingBatchInput, SkipEventSourceMappingBatchOutput } from '../api-types.ts';
import type { LambdaContext } from '../context.ts';
import { describeBlockage } from '../mapping/positions.ts';

/**
 * An operation that only nagare has. Skips the batches, or final invocations of windows, that fail now: they are discarded as if
 * their retries were exhausted. Answers when that is durable.
 */
export async function skipEventSourceMappingBatch(
  { mappings }: LambdaContext,
  input: SkipEventSourceMappingBatchInput,
): Promise<SkipEventSourceMappingBatchOutput> {
  return { Skipped: (await mappings.skip(input)).map(describeBlockage) };
}
