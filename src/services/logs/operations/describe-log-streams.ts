import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { invalidToken, prefixOrderedByTime } from '../errors.ts';
import { groupOf } from '../request.ts';

const LISTED_MAX = 50;

/**
 * Lists the log streams of a function, one per process.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
 */
export async function describeLogStreams(
  context: LogsContext,
  input: Checked<DescribeLogStreamsRequest>,
): Promise<DescribeLogStreamsResponse> {
  const group = groupOf(context, input);
  const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
  if (prefix !== undefined && orderBy === 'LastEventTime') throw prefixOrderedByTime();
  const found = (await group.streams()).filter(({ name }) => name.startsWith(prefix ?? ''));
  found.sort((one, other) => {
    const byName = one.name < other.name ? -1 : 1;
    const order = orderBy === 'LastEventTime' ? one.lastMs - other.lastMs || byName : byName;
    return descending ? -order : order;
  });
  const from = input.nextToken === undefined ? 0 : parseToken(input.nextToken);
  const listed = found.slice(from, from + (input.limit ?? LISTED_MAX));
  const next = from + listed.length;
  const arn = `arn:aws:logs:${context.region}:${context.accountId}:log-group:${group.name}:log-stream:`;
  return {
    logStreams: listed.map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.firstMs,
      firstEventTimestamp: stream.firstMs,
      lastEventTimestamp: stream.lastMs,
      lastIngestionTime: stream.lastMs,
      arn: arn + stream.name,
      storedBytes: 0,
    })),
    ...(next < found.length ? { nextToken: String(next) } : {}),
  };
}

function parseToken(token: string): number {
  if (!/^\d{1,9}$/.test(token)) throw invalidToken();
  return Number(token);
}
