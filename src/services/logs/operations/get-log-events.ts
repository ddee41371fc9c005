import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { logsLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import { invalidToken, streamNotFound } from '../errors.ts';
import { compareOrder, type LogOrder, orderOf, type PlacedEvent } from '../log-events.ts';
import { groupOf, parseToken, tokenOf } from '../request.ts';

/**
 * Returns events of one stream, ordered by time: the newest, or with startFromHead the oldest. The tokens continue in
 * both directions; at an end, a token is returned unchanged. endTime is exclusive.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export async function getLogEvents(
  context: LogsReads,
  input: Checked<GetLogEventsRequest>,
): Promise<GetLogEventsResponse> {
  const group = await groupOf(context, input);
  const { logStreamName: name, nextToken } = input;
  if (!(await context.logs.hasStream(group.name, name))) throw streamNotFound();
  const place = nextToken === undefined ? undefined : parsePlace(nextToken);
  if (place !== undefined) await group.requireKnown(place.order);
  const fromMs = Math.max(input.startTime ?? 0, context.logs.expiredBeforeMs(group.name));
  const events = await context.reads.run(async () => {
    const found: PlacedEvent[] = [];
    for await (const event of group.events(fromMs, input.endTime ?? Infinity)) {
      if (event.stream === name) found.push(event);
    }
    return found;
  });
  const forward = place?.forward ?? input.startFromHead ?? false;
  const page = forward
    ? pageAfter(events, place?.order, input.limit)
    : pageBefore(events, place?.order, input.limit);
  const [first, last] = [page[0], page.at(-1)].map((event) =>
    event === undefined ? (place?.order ?? START) : orderOf(event),
  );
  return {
    events: page.map(({ timestampMs, message, ingestedMs = timestampMs }) => ({
      timestamp: timestampMs,
      message,
      ingestionTime: ingestedMs,
    })),
    nextForwardToken: `f/${tokenOf(last ?? START)}`,
    nextBackwardToken: `b/${tokenOf(first ?? START)}`,
  };
}

const START: LogOrder = { timestampMs: 0, segment: 0, offset: 0 };

function pageAfter(
  events: readonly PlacedEvent[],
  after: LogOrder | undefined,
  limit?: number,
): PlacedEvent[] {
  const from = events.findIndex((event) => after === undefined || compareOrder(orderOf(event), after) > 0);
  return from < 0 ? [] : events.slice(from, from + fitting(events.slice(from), limit));
}

function pageBefore(
  events: readonly PlacedEvent[],
  before: LogOrder | undefined,
  limit?: number,
): PlacedEvent[] {
  const earlier = events.filter((event) => before === undefined || compareOrder(orderOf(event), before) < 0);
  return earlier.slice(earlier.length - fitting(earlier.toReversed(), limit));
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

function parsePlace(token: string): { forward: boolean; order: LogOrder } {
  const [direction, position] = token.split('/');
  if ((direction !== 'f' && direction !== 'b') || position === undefined) throw invalidToken();
  return { forward: direction === 'f', order: parseToken(position) };
}
