import type { CreateListLogInput } from './api-types.ts';
import { invalidParameter } from './errors.ts';
import { DEFAULT_LINE_FORMAT } from './line-format.ts';
import type { NewListLog } from './list-logs.ts';

/** Builds the requested list log, with defaults. Throws InvalidParameterValueException. */
export function newListLog(input: CreateListLogInput): NewListLog {
  const { Endpoint: endpoint, Region: region } = input;
  if (region !== undefined && endpoint === undefined) {
    throw invalidParameter('Region is only valid together with the Endpoint of another S3.');
  }
  if (endpoint !== undefined && !URL.canParse(endpoint)) {
    throw invalidParameter(
      `The Endpoint ${endpoint} is not a URL such as https://s3.eu-central-1.amazonaws.com.`,
    );
  }
  return {
    name: input.ListLogName,
    stream: input.Stream,
    bucket: input.Bucket,
    key: input.Key,
    format: input.Format ?? DEFAULT_LINE_FORMAT,
    timeZone: input.TimeZone ?? 'UTC',
    startingPosition: startOf(input),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
}

function startOf(input: CreateListLogInput): NewListLog['startingPosition'] {
  const { StartingPosition: type = 'TRIM_HORIZON', StartingPositionTimestamp: timestamp } = input;
  if (type !== 'AT_TIMESTAMP') {
    if (timestamp === undefined) return { type };
    throw invalidParameter('StartingPositionTimestamp requires the StartingPosition AT_TIMESTAMP.');
  }
  if (timestamp === undefined) {
    throw invalidParameter('The StartingPosition AT_TIMESTAMP requires a StartingPositionTimestamp.');
  }
  return { type, timestampMs: timestamp.getTime() };
}
