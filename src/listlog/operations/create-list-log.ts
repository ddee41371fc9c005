import type { CreateListLogInput, ListLogDescription } from '../api-types.ts';
import { describe } from '../describe.ts';
import { invalidParameter } from '../errors.ts';
import { DEFAULT_LINE_FORMAT } from '../line-format.ts';
import type { ListLogs, NewListLog } from '../list-logs.ts';

/**
 * Ties a stream to one object, in which each record becomes a line. The stream may be created later; the bucket is
 * made when it is nagare's own and missing. What the object holds already stays before the first line.
 */
export async function createListLog(
  listLogs: ListLogs,
  input: CreateListLogInput,
): Promise<{ ListLogDescription: ListLogDescription }> {
  await listLogs.create({
    name: input.ListLogName,
    stream: input.Stream,
    bucket: input.Bucket,
    key: input.Key,
    format: input.Format ?? DEFAULT_LINE_FORMAT,
    timeZone: input.TimeZone ?? 'UTC',
    startingPosition: startOf(input),
    ...(input.Endpoint === undefined ? {} : { endpoint: input.Endpoint }),
    ...(input.Region === undefined ? {} : { region: input.Region }),
  });
  return { ListLogDescription: describe(listLogs, input.ListLogName) };
}

function startOf(input: CreateListLogInput): NewListLog['startingPosition'] {
  const { StartingPosition: type = 'TRIM_HORIZON', StartingPositionTimestamp: timestamp } = input;
  if (input.Region !== undefined && input.Endpoint === undefined) {
    throw invalidParameter('Region is that of another S3 and needs its Endpoint.');
  }
  if (type !== 'AT_TIMESTAMP') {
    if (timestamp === undefined) return { type };
    throw invalidParameter('StartingPositionTimestamp needs the StartingPosition AT_TIMESTAMP.');
  }
  if (timestamp === undefined) {
    throw invalidParameter('The StartingPosition AT_TIMESTAMP needs a StartingPositionTimestamp.');
  }
  return { type, timestampMs: timestamp.getTime() };
}
