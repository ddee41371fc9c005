import type { DescribeAlarmHistoryInput, DescribeAlarmHistoryOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { HistoryItem } from '../alarms/alarm-history.ts';
import type { CloudWatchReads } from '../context.ts';
import { invalidNextToken, notSupported } from '../errors.ts';
import { pageTokens } from '../page-tokens.ts';

const OPERATION = 'DescribeAlarmHistory';

const PAGE_SIZE = 100;

/**
 * Returns the history of alarms: creation, changes, states and actions, newest first unless ScanBy says otherwise. Kept
 * for thirty days, at most five hundred items per alarm.
 */
export function describeAlarmHistory(
  { history }: CloudWatchReads,
  input: Checked<DescribeAlarmHistoryInput>,
  _call: CallContext,
): DescribeAlarmHistoryOutput {
  if (input.AlarmContributorId !== undefined) throw notSupported('AlarmContributorId');
  const wantsMetricAlarms = input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm');
  const found = wantsMetricAlarms
    ? [...history.entries(input.AlarmName)]
        .map(([, item]) => item)
        .filter((item) => isWanted(item, input))
        .sort((a, b) => a.timeMs - b.timeMs)
    : [];
  if (input.ScanBy !== 'TimestampAscending') found.reverse();
  const first = firstOf(input.NextToken);
  const end = first + (input.MaxRecords ?? PAGE_SIZE);
  return {
    AlarmHistoryItems: found.slice(first, end).map((item) => ({
      AlarmName: item.alarmName,
      AlarmType: 'MetricAlarm',
      Timestamp: new Date(item.timeMs),
      HistoryItemType: item.type,
      HistorySummary: item.summary,
      HistoryData: item.data,
    })),
    ...(end < found.length ? { NextToken: pageTokens.encode(OPERATION, end) } : {}),
  };
}

function isWanted(item: HistoryItem, input: Checked<DescribeAlarmHistoryInput>): boolean {
  if (input.HistoryItemType !== undefined && item.type !== input.HistoryItemType) return false;
  if (input.StartDate !== undefined && item.timeMs < input.StartDate.getTime()) return false;
  return input.EndDate === undefined || item.timeMs <= input.EndDate.getTime();
}

/** The index at which the page starts. */
function firstOf(token: string | undefined): number {
  const first = token === undefined ? 0 : pageTokens.decode(OPERATION, token);
  if (typeof first !== 'number' || !Number.isSafeInteger(first) || first < 0) throw invalidNextToken();
  return first;
}
