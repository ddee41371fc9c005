import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { Alarm } from './alarm.ts';
import { dimensionsOutput } from '../metrics/metric-input.ts';
import { isBasicStatistic } from '../metrics/statistic.ts';

/** An alarm as DescribeAlarms shows it. */
export function alarmOutput(alarm: Alarm): MetricAlarm {
  const { state } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description === undefined ? {} : { AlarmDescription: alarm.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredMs),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData === undefined ? {} : { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.updatedMs),
    StateTransitionedTimestamp: new Date(state.transitionedMs),
    MetricName: alarm.metricName,
    Namespace: alarm.namespace,
    ...(isBasicStatistic(alarm.statistic)
      ? { Statistic: alarm.statistic }
      : { ExtendedStatistic: alarm.statistic }),
    Dimensions: dimensionsOutput(alarm.dimensions),
    Period: alarm.periodSeconds,
    // PutMetricAlarm validated it against the model's enumeration.
    ...(alarm.unit === undefined ? {} : { Unit: alarm.unit as NonNullable<MetricAlarm['Unit']> }),
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(alarm.datapointsToAlarm === undefined ? {} : { DatapointsToAlarm: alarm.datapointsToAlarm }),
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparisonOperator,
    ...(alarm.treatMissingData === undefined ? {} : { TreatMissingData: alarm.treatMissingData }),
    ...(alarm.evaluateLowSampleCountPercentile === undefined
      ? {}
      : { EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile }),
  };
}
