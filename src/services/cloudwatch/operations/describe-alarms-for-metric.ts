import type { DescribeAlarmsForMetricInput, DescribeAlarmsForMetricOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { alarmOutput } from '../alarms/alarm-output.ts';
import type { CloudWatchReads } from '../context.ts';
import { metricKey } from '../metrics/metric-identity.ts';
import { metricNameOf } from '../metrics/metric-input.ts';

/** Returns the alarms of exactly this metric. */
export function describeAlarmsForMetric(
  { alarms }: CloudWatchReads,
  input: Checked<DescribeAlarmsForMetricInput>,
  _call: CallContext,
): DescribeAlarmsForMetricOutput {
  const key = metricKey(metricNameOf(input.Namespace, input.MetricName, input.Dimensions));
  const found = [...alarms.watching(key)].filter(
    (alarm) =>
      (input.Statistic === undefined || alarm.statistic === input.Statistic) &&
      (input.ExtendedStatistic === undefined || alarm.statistic === input.ExtendedStatistic) &&
      (input.Period === undefined || alarm.periodSeconds === input.Period) &&
      (input.Unit === undefined || alarm.unit === input.Unit),
  );
  return { MetricAlarms: found.map(alarmOutput) };
}
