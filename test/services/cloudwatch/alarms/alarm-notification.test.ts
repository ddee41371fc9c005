import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  invocationEvent,
  notificationMessage,
  notificationSubject,
} from '../../../../src/services/cloudwatch/alarms/alarm-notification.ts';
import type { AlarmState } from '../../../../src/services/cloudwatch/alarms/alarm.ts';
import { alarmOf } from '../alarm-of.ts';

const before: AlarmState = { value: 'OK', reason: 'as it should be', updatedMs: 0, transitionedMs: 0 };
const changedMs = Date.UTC(2022, 2, 11, 11, 3, 3, 943);
const state: AlarmState = {
  value: 'ALARM',
  reason: 'Threshold Crossed',
  updatedMs: changedMs,
  transitionedMs: changedMs,
};

test('the subject contains state, alarm and region', () => {
  const alarm = alarmOf({ name: 'alertName', region: 'ap-northeast-1' });
  assert.equal(notificationSubject(alarm, state), 'ALARM: "alertName" in Asia Pacific (Tokyo)');
});

test('SNS accepts the subject of an alarm with the longest name', () => {
  const subject = notificationSubject(alarmOf({ name: 'å'.repeat(255) }), state);
  assert.equal(subject.length, 100);
  assert.match(subject, /^ALARM: "\?+\.\.\." in US East \(N\. Virginia\)$/);
});

test("the message has AWS's members, in AWS's order", () => {
  const alarm = alarmOf({ datapointsToAlarm: 1, region: 'us-west-1' });
  const message: unknown = JSON.parse(notificationMessage(alarm, state, before));
  assert.deepEqual(message, {
    AlarmName: 'too many',
    AlarmDescription: null,
    AWSAccountId: '000000000000',
    AlarmConfigurationUpdatedTimestamp: '1970-01-01T00:00:00.000+0000',
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2022-03-11T11:03:03.943+0000',
    Region: 'US West (N. California)',
    AlarmArn: alarm.arn,
    OldStateValue: 'OK',
    OKActions: [],
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: [],
    ActionExecutedAfterMuteWindow: false,
    Trigger: {
      MetricName: 'IncomingRecords',
      Namespace: 'AWS/Kinesis',
      StatisticType: 'Statistic',
      Statistic: 'SUM',
      Unit: null,
      Dimensions: [{ value: 'sample', name: 'StreamName' }],
      Period: 60,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 10,
      TreatMissingData: 'missing',
      EvaluateLowSampleCountPercentile: '',
    },
  });
});

test('the message about a percentile names it', () => {
  const alarm = alarmOf({ statistic: 'p99', evaluateLowSampleCountPercentile: 'ignore' });
  const { Trigger }: { Trigger?: object } = JSON.parse(notificationMessage(alarm, state, before)) as object;
  const { StatisticType, ExtendedStatistic, Statistic, EvaluateLowSampleCountPercentile } = {
    ...Trigger,
  } as Record<string, unknown>;
  assert.deepEqual(
    [StatisticType, ExtendedStatistic, Statistic, EvaluateLowSampleCountPercentile],
    ['ExtendedStatistic', 'p99', undefined, 'ignore'],
  );
});

test("a function gets AWS's event", () => {
  const event = invocationEvent(alarmOf({ description: 'why' }), state, before);
  assert.deepEqual(event, {
    source: 'aws.cloudwatch',
    alarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:too many',
    accountId: '000000000000',
    time: '2022-03-11T11:03:03.943+0000',
    region: 'us-east-1',
    alarmData: {
      alarmName: 'too many',
      state: { value: 'ALARM', reason: 'Threshold Crossed', timestamp: '2022-03-11T11:03:03.943+0000' },
      previousState: { value: 'OK', reason: 'as it should be', timestamp: '1970-01-01T00:00:00.000+0000' },
      configuration: {
        description: 'why',
        metrics: [
          {
            id: 'm1',
            metricStat: {
              metric: {
                namespace: 'AWS/Kinesis',
                name: 'IncomingRecords',
                dimensions: { StreamName: 'sample' },
              },
              period: 60,
              stat: 'Sum',
            },
            returnData: true,
          },
        ],
      },
    },
  });
});
