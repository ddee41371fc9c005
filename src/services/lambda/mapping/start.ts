import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import {
  startingPositionMissing,
  timestampInFuture,
  timestampInvalid,
  timestampMissing,
  timestampNotWanted,
} from './errors.ts';
import type { StreamMappingRow } from './mapping-row.ts';

/** The starting position of a new mapping. Throws InvalidParameterValueException. */
export function parseStart(
  input: Pick<Checked<CreateEventSourceMappingRequest>, 'StartingPosition' | 'StartingPositionTimestamp'>,
  nowMs: number,
): StreamMappingRow['start'] {
  const { StartingPosition: type, StartingPositionTimestamp: timestamp } = input;
  if (type === undefined) throw startingPositionMissing();
  if (type !== 'AT_TIMESTAMP') {
    if (timestamp !== undefined) throw timestampNotWanted();
    return { type };
  }
  if (timestamp === undefined) throw timestampMissing();
  const timestampMs = timestamp.getTime();
  if (timestampMs < 0) throw timestampInvalid();
  if (timestampMs > nowMs) throw timestampInFuture();
  return { type, timestampMs };
}
