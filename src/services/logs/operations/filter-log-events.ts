import type {
  FilteredLogEvent,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { logsLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsReads } from '../context.ts';
import { prefixAndNames, unsupportedOption } from '../errors.ts';
import { parseFilterPattern } from '../filter-pattern/filter-pattern.ts';
import { orderOf } from '../log-events.ts';
import { eventId, groupOf, parseToken, tokenOf } from '../request.ts';

/**
 * Returns events of all streams of a log group, ordered by time, as `aws logs tail` requests them. Supports patterns
 * for plain text, JSON and space-delimited fields. startTime and endTime are both inclusive.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function filterLogEvents(
  context: LogsReads,
  input: Checked<FilterLogEventsRequest>,
): Promise<FilterLogEventsResponse> {
  const { logStreamNames, logStreamNamePrefix, filterPattern = '' } = input;
  if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) throw prefixAndNames();
  if (input.startFromHead === false) throw unsupportedOption('startFromHead=false');
  const group = await groupOf(context, input);
  const names = logStreamNames === undefined ? undefined : new Set(logStreamNames);
  const matches = parseFilterPattern(filterPattern);
  const after = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
  if (after !== undefined) await group.requireKnown(after);
  const most = Math.min(input.limit ?? logsLimits.eventsPerPageMax, logsLimits.eventsPerPageMax);
  const fromMs = Math.max(input.startTime ?? 0, context.logs.expiredBeforeMs(group.name));
  const isWanted = (stream: string) => names?.has(stream) ?? stream.startsWith(logStreamNamePrefix ?? '');
  return await context.reads.run(async () => {
    const events: FilteredLogEvent[] = [];
    let bytes = 0;
    let last = after;
    for await (const event of group.events(fromMs, (input.endTime ?? Infinity) + 1, after)) {
      const { stream, timestampMs, message } = event;
      if (!isWanted(stream) || !matches(message)) continue;
      const isFull =
        events.length >= most || (bytes > 0 && bytes + message.length > logsLimits.answerBytesMax);
      if (isFull && last !== undefined) return { events, searchedLogStreams: [], nextToken: tokenOf(last) };
      bytes += message.length;
      last = orderOf(event);
      events.push({
        logStreamName: stream,
        timestamp: timestampMs,
        message,
        ingestionTime: event.ingestedMs ?? timestampMs,
        eventId: eventId(event.position),
      });
    }
    return { events, searchedLogStreams: [] };
  });
}
