import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import type { GroupReads } from '../group-reads.ts';
import { invalidToken, prefixOrderedByTime } from '../errors.ts';
import { SEQUENCE_TOKEN } from '../put-events.ts';
import { groupArn, groupOf } from '../request.ts';
import type { LogStreamInfo } from '../segment-index.ts';

const LISTED_MAX = 50;

/**
 * Lists the log streams of a group: those that were created, and of a function one per process.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
 */
export async function describeLogStreams(
  context: LogsReads,
  input: Checked<DescribeLogStreamsRequest>,
): Promise<DescribeLogStreamsResponse> {
  const group = await groupOf(context, input);
  const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
  if (prefix !== undefined && orderBy === 'LastEventTime') throw prefixOrderedByTime();
  const found = (await streamsOf(context, group)).filter(({ name }) => name.startsWith(prefix ?? ''));
  found.sort((one, other) => {
    const byName = one.name < other.name ? -1 : 1;
    const order =
      orderBy === 'LastEventTime'
        ? (one.events?.lastMs ?? 0) - (other.events?.lastMs ?? 0) || byName
        : byName;
    return descending ? -order : order;
  });
  const from = input.nextToken === undefined ? 0 : parseToken(input.nextToken);
  const listed = found.slice(from, from + (input.limit ?? LISTED_MAX));
  const next = from + listed.length;
  const arn = `${groupArn(context, group.name)}:log-stream:`;
  return {
    logStreams: listed.map(({ name, createdMs, events }) => ({
      logStreamName: name,
      creationTime: createdMs,
      ...(events === undefined
        ? {}
        : {
            firstEventTimestamp: events.firstMs,
            lastEventTimestamp: events.lastMs,
            lastIngestionTime: events.ingestedMs,
            uploadSequenceToken: SEQUENCE_TOKEN,
          }),
      arn: arn + name,
      storedBytes: 0,
    })),
    ...(next < found.length ? { nextToken: String(next) } : {}),
  };
}

interface DescribedStream {
  readonly name: string;
  readonly createdMs: number;
  /** Absent for a stream without events. */
  readonly events?: LogStreamInfo;
}

async function streamsOf({ logs }: LogsReads, group: GroupReads): Promise<DescribedStream[]> {
  const found = new Map<string, DescribedStream>();
  for (const row of logs.createdStreams(group.name)) found.set(row.name, row);
  for (const events of await group.streams()) {
    const { name, firstMs } = events;
    found.set(name, { name, createdMs: found.get(name)?.createdMs ?? firstMs, events });
  }
  return [...found.values()];
}

function parseToken(token: string): number {
  if (!/^\d{1,9}$/.test(token)) throw invalidToken();
  return Number(token);
}
