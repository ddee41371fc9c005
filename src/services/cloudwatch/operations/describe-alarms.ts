import type { DescribeAlarmsInput, DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { actionsFor, type Alarm, stateValues } from '../alarms/alarm.ts';
import { alarmOutput } from '../alarms/alarm-output.ts';
import type { CloudWatchReads } from '../context.ts';
import { invalidParameterCombination, notSupported } from '../errors.ts';
import { pageTokens } from '../page-tokens.ts';

const PAGE_SIZE = 50;

/** Returns alarms, ordered by name. There are no composite alarms, so none has children or parents. */
export function describeAlarms(
  { alarms }: CloudWatchReads,
  input: Checked<DescribeAlarmsInput>,
  _call: CallContext,
): DescribeAlarmsOutput {
  if (input.ChildrenOfAlarmName !== undefined) throw notSupported('ChildrenOfAlarmName');
  if (input.ParentsOfAlarmName !== undefined) throw notSupported('ParentsOfAlarmName');
  if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
    throw invalidParameterCombination('AlarmNames and AlarmNamePrefix cannot be specified together.');
  }
  const wantsMetricAlarms = input.AlarmTypes === undefined || input.AlarmTypes.includes('MetricAlarm');
  const names = input.AlarmNames === undefined ? undefined : new Set(input.AlarmNames);
  function* matching(): Generator<Alarm> {
    if (!wantsMetricAlarms) return;
    for (const alarm of alarms.all(input.AlarmNamePrefix)) {
      if (names !== undefined && !names.has(alarm.name)) continue;
      if (input.StateValue !== undefined && alarm.state.value !== input.StateValue) continue;
      if (input.ActionPrefix !== undefined && !hasAction(alarm, input.ActionPrefix)) continue;
      yield alarm;
    }
  }
  const { items, nextToken } = pageTokens.pageOf(
    'DescribeAlarms',
    matching(),
    ({ name }) => name,
    input.MaxRecords ?? (names === undefined ? PAGE_SIZE : names.size),
    input.NextToken,
  );
  return {
    CompositeAlarms: [],
    MetricAlarms: items.map(alarmOutput),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function hasAction(alarm: Alarm, prefix: string): boolean {
  return stateValues.some((state) => actionsFor(alarm, state).some((arn) => arn.startsWith(prefix)));
}
