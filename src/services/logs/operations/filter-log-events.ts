import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { logsLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { prefixAndNames } from '../errors.ts';
import { parseFilterPattern } from '../filter-pattern.ts';
import { eventId, groupOf, parseToken, tokenOf } from '../request.ts';

/**
 * Returns events of all streams of a function, ordered by time, as `aws logs tail` requests them. Supports patterns for
 * plain text. startTime and endTime are both inclusive.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function filterLogEvents(
  context: LogsContext,
  input: Checked<FilterLogEventsRequest>,
): Promise<FilterLogEventsResponse> {
  const { logStreamNames, logStreamNamePrefix, filterPattern = '' } = input;
  if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) throw prefixAndNames();
  const group = groupOf(context, input);
  const names = logStreamNames === undefined ? undefined : new Set(logStreamNames);
  const matches = parseFilterPattern(filterPattern);
  const position = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
  const most = Math.min(input.limit ?? logsLimits.eventsPerPageMax, logsLimits.eventsPerPageMax);
  const events: FilteredLogEvent[] = [];
  let bytes = 0;
  for await (const event of group.events(input.startTime ?? 0, (input.endTime ?? Infinity) + 1, position)) {
    const wanted =
      names === undefined ? event.stream.startsWith(logStreamNamePrefix ?? '') : names.has(event.stream);
    if (!wanted || !matches(event.message)) continue;
    if (
      events.length >= most ||
      (events.length > 0 && bytes + event.message.length > logsLimits.answerBytesMax)
    ) {
      return { events, searchedLogStreams: [], nextToken: tokenOf(event.position) };
    }
    bytes += event.message.length;
    events.push({
      logStreamName: event.stream,
      timestamp: event.timestampMs,
      message: event.message,
      ingestionTime: event.timestampMs,
      eventId: eventId(event.position),
    });
  }
  return { events, searchedLogStreams: [] };
}
