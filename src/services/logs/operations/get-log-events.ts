import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { logsLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { invalidToken, streamNotFound } from '../errors.ts';
import type { LogPosition, PlacedEvent } from '../log-group.ts';
import { groupOf, parseToken, tokenOf } from '../request.ts';

/**
 * Returns events of one stream, ordered by time: the newest, or with startFromHead the oldest. The tokens continue in
 * both directions; at an end, a token is returned unchanged. endTime is exclusive.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export async function getLogEvents(
  context: LogsContext,
  input: Checked<GetLogEventsRequest>,
): Promise<GetLogEventsResponse> {
  const group = groupOf(context, input);
  const { logStreamName: name, nextToken } = input;
  if (!(await group.streams()).some((stream) => stream.name === name)) throw streamNotFound();
  const events: PlacedEvent[] = [];
  for await (const event of group.events(input.startTime ?? 0, input.endTime ?? Infinity)) {
    if (event.stream === name) events.push(event);
  }
  const place = nextToken === undefined ? undefined : parsePlace(nextToken);
  const forward = place?.forward ?? input.startFromHead ?? false;
  const page = forward
    ? pageAfter(events, place?.position, input.limit)
    : pageBefore(events, place?.position, input.limit);
  const first = page[0]?.position ?? place?.position ?? START;
  const last = page.at(-1)?.position ?? place?.position ?? START;
  return {
    events: page.map(({ timestampMs, message }) => ({
      timestamp: timestampMs,
      message,
      ingestionTime: timestampMs,
    })),
    nextForwardToken: `f/${tokenOf(last)}`,
    nextBackwardToken: `b/${tokenOf(first)}`,
  };
}

const START: LogPosition = { segment: 0, offset: 0 };

function pageAfter(
  events: readonly PlacedEvent[],
  position: LogPosition | undefined,
  limit?: number,
): PlacedEvent[] {
  const from = events.findIndex((event) => position === undefined || compare(event.position, position) > 0);
  return from < 0 ? [] : events.slice(from, from + fitting(events.slice(from), limit));
}

function pageBefore(
  events: readonly PlacedEvent[],
  position: LogPosition | undefined,
  limit?: number,
): PlacedEvent[] {
  const before = events.filter((event) => position === undefined || compare(event.position, position) < 0);
  return before.slice(before.length - fitting(before.toReversed(), limit));
}

/** How many of the first events fit into one response. */
function fitting(events: readonly PlacedEvent[], limit: number = logsLimits.eventsPerPageMax): number {
  let bytes = 0;
  let count = 0;
  for (const { message } of events) {
    bytes += message.length;
    if (count >= limit || (count > 0 && bytes > logsLimits.answerBytesMax)) break;
    count++;
  }
  return count;
}

function compare(one: LogPosition, other: LogPosition): number {
  return one.segment - other.segment || one.offset - other.offset;
}

function parsePlace(token: string): { forward: boolean; position: LogPosition } {
  const [direction, position] = token.split('/');
  if ((direction !== 'f' && direction !== 'b') || position === undefined) throw invalidToken();
  return { forward: direction === 'f', position: parseToken(position) };
}
