import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { DeclaredEventSource } from './section.ts';

/**
 * The CreateEventSourceMapping request for an event source of a declared function; `EventSourceArn` may be the stream's
 * name.
 */
export function declaredMapping(
  functionName: string,
  { input, own }: DeclaredEventSource,
): Checked<CreateEventSourceMappingRequest> {
  const { stream, filters, onFailure } = own;
  return {
    ...input,
    FunctionName: functionName,
    EventSourceArn: stream,
    ...(filters !== undefined && {
      FilterCriteria: { Filters: filters.map((pattern) => ({ Pattern: pattern })) },
    }),
    ...(onFailure !== undefined && { DestinationConfig: { OnFailure: { Destination: onFailure } } }),
  };
}
