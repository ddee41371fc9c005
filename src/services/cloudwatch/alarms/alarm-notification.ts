import type { Alarm, AlarmState } from './alarm.ts';
import { awsTime } from './alarm-reasons.ts';
import { isBasicStatistic } from '../metrics/statistic.ts';
import { regionName } from '../regions.ts';

/** SNS takes subjects of up to a hundred characters. */
const SUBJECT_MAX = 100;

/** `ALARM: "name" in US East (N. Virginia)`; a long name is shortened so that the rest fits. */
export function notificationSubject(alarm: Alarm, state: AlarmState): string {
  const subject = (name: string): string => `${state.value}: "${name}" in ${regionName(alarm.region)}`;
  // eslint-disable-next-line no-control-regex -- what SNS does not take in a subject
  const name = alarm.name.replaceAll(/[^\u0020-\u007e]/g, '?');
  const room = SUBJECT_MAX - subject('').length;
  return subject(name.length <= room ? name : `${name.slice(0, room - 3)}...`);
}

/** The message for SNS topics: AWS's own, member by member. */
export function notificationMessage(alarm: Alarm, state: AlarmState, before: AlarmState): string {
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: alarm.accountId,
    AlarmConfigurationUpdatedTimestamp: awsTime(alarm.configuredMs),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: awsTime(state.updatedMs),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: before.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    ActionExecutedAfterMuteWindow: false,
    Trigger: {
      MetricName: alarm.metricName,
      Namespace: alarm.namespace,
      ...(isBasicStatistic(alarm.statistic)
        ? { StatisticType: 'Statistic', Statistic: alarm.statistic.toUpperCase() }
        : { StatisticType: 'ExtendedStatistic', ExtendedStatistic: alarm.statistic }),
      Unit: alarm.unit ?? null,
      Dimensions: alarm.dimensions.map(({ name, value }) => ({ value, name })),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      ...(alarm.datapointsToAlarm === undefined ? {} : { DatapointsToAlarm: alarm.datapointsToAlarm }),
      ComparisonOperator: alarm.comparisonOperator,
      Threshold: alarm.threshold,
      TreatMissingData: alarm.treatMissingData ?? 'missing',
      EvaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile ?? '',
    },
  });
}

/** The event for a function that is an alarm's action. */
export function invocationEvent(alarm: Alarm, state: AlarmState, before: AlarmState): object {
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: alarm.accountId,
    time: awsTime(state.updatedMs),
    region: alarm.region,
    alarmData: {
      alarmName: alarm.name,
      state: stateOf(state),
      previousState: stateOf(before),
      configuration: {
        ...(alarm.description === undefined ? {} : { description: alarm.description }),
        metrics: [metricOf(alarm)],
      },
    },
  };
}

function stateOf({ value, reason, reasonData, updatedMs }: AlarmState): object {
  return {
    value,
    reason,
    ...(reasonData === undefined ? {} : { reasonData }),
    timestamp: awsTime(updatedMs),
  };
}

function metricOf(alarm: Alarm): object {
  return {
    id: 'm1',
    metricStat: {
      metric: {
        namespace: alarm.namespace,
        name: alarm.metricName,
        dimensions: Object.fromEntries(alarm.dimensions.map(({ name, value }) => [name, value])),
      },
      period: alarm.periodSeconds,
      stat: alarm.statistic,
      ...(alarm.unit === undefined ? {} : { unit: alarm.unit }),
    },
    returnData: true,
  };
}
