import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { formatArn, type RegionAndAccount } from '../../../aws/arn.ts';
import { DeclarationError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { DeclaredEventSource } from './section.ts';

/** The ARN of a queue that is declared by name or ARN. */
export function queueArn(queue: string, place: RegionAndAccount): string {
  return queue.startsWith('arn:') ? queue : formatArn('sqs', place, queue);
}

/**
 * The CreateEventSourceMapping request for an event source of a declared function; `EventSourceArn` may be the stream's
 * name. Throws DeclarationError.
 */
export function declaredMapping(
  functionName: string,
  { input, own }: DeclaredEventSource,
  place: RegionAndAccount,
): Checked<CreateEventSourceMappingRequest> {
  const { stream, queue, filters, onFailure } = own;
  const arn = queue === undefined ? stream : queueArn(queue, place);
  if (arn === undefined || (queue !== undefined && stream !== undefined)) {
    throw new DeclarationError('an event source is either a stream or a queue');
  }
  return {
    ...(stream !== undefined && { StartingPosition: 'TRIM_HORIZON' as const }),
    ...input,
    FunctionName: functionName,
    EventSourceArn: arn,
    ...(filters !== undefined && {
      FilterCriteria: { Filters: filters.map((pattern) => ({ Pattern: pattern })) },
    }),
    ...(onFailure !== undefined && { DestinationConfig: { OnFailure: { Destination: onFailure } } }),
  };
}
