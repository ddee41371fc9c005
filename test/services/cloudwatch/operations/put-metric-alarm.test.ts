import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene } from './scene.ts';

/** What `aws cloudwatch put-metric-alarm` of the second write-up sends. */
const alertName: PutMetricAlarmCommandInput = {
  AlarmName: 'alertName',
  Namespace: 'AWS/Kinesis',
  MetricName: 'IncomingRecords',
  Statistic: 'Sum',
  Period: 60,
  Threshold: 10,
  ComparisonOperator: 'GreaterThanThreshold',
  Dimensions: [{ Name: 'StreamName', Value: 'sample' }],
  EvaluationPeriods: 1,
  AlarmActions: ['arn:aws:sns:ap-northeast-1:000000000000:sample'],
};

test('a new alarm is described as it was put, in INSUFFICIENT_DATA', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await cloudWatch.send(new PutMetricAlarmCommand(alertName));
  const { MetricAlarms: [alarm] = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  const {
    AlarmConfigurationUpdatedTimestamp: configured,
    StateUpdatedTimestamp: updated,
    StateTransitionedTimestamp: transitioned,
    ...rest
  } = alarm ?? {};
  assert.ok(configured instanceof Date && updated instanceof Date && transitioned instanceof Date);
  assert.deepEqual(rest, {
    ...alertName,
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:alertName',
    ActionsEnabled: true,
    OKActions: [],
    InsufficientDataActions: [],
    StateValue: 'INSUFFICIENT_DATA',
    StateReason: 'Unchecked: Initial alarm creation',
  });
});

test('putting an alarm again replaces everything but its state', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await cloudWatch.send(
    new PutMetricAlarmCommand({ ...alertName, AlarmDescription: 'first', Unit: 'Count' }),
  );
  const AlarmName = 'alertName';
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'because' }));
  await cloudWatch.send(new PutMetricAlarmCommand({ ...alertName, Threshold: 20, EvaluationPeriods: 4 }));
  const { MetricAlarms: [alarm] = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  assert.equal(alarm?.Threshold, 20);
  assert.equal(alarm.AlarmDescription, undefined);
  assert.equal(alarm.Unit, undefined);
  assert.equal(alarm.StateReason, 'because');
});

// What Terraform compares after `extended_statistic` and `evaluate_low_sample_count_percentiles`.
test('an alarm on a percentile is described as it was put, also after a restart', async () => {
  await using scene = await openScene();
  const { cloudWatch, server } = scene;
  const percentile = { ...alertName, Statistic: undefined, ExtendedStatistic: 'p99.9' };
  const described = async () => {
    const { MetricAlarms: [alarm] = [] } = await cloudWatch.send(new DescribeAlarmsCommand({}));
    return [alarm?.Statistic, alarm?.ExtendedStatistic, alarm?.EvaluateLowSampleCountPercentile];
  };
  await cloudWatch.send(new PutMetricAlarmCommand(percentile));
  assert.deepEqual(await described(), [undefined, 'p99.9', undefined]);
  await cloudWatch.send(
    new PutMetricAlarmCommand({ ...percentile, EvaluateLowSampleCountPercentile: 'ignore' }),
  );
  await server.restart();
  assert.deepEqual(await described(), [undefined, 'p99.9', 'ignore']);
  await cloudWatch.send(new PutMetricAlarmCommand(alertName));
  assert.deepEqual(await described(), ['Sum', undefined, undefined]);
});

const REFUSED: readonly (readonly [Partial<PutMetricAlarmCommandInput>, RegExp])[] = [
  [{ Metrics: [{ Id: 'a', Expression: 'b/c' }] }, /nagare does not support Metrics \(metric math\) yet/],
  [{ ThresholdMetricId: 'a' }, /ThresholdMetricId \(anomaly detection\)/],
  [{ EvaluationWindow: { WallClockWindow: {} } }, /EvaluationWindow other than SlidingWindow/],
  [{ WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 } }, /WarmUpConfiguration/],
  [{ ActionConfiguration: {} }, /ActionConfiguration/],
  [{ ComparisonOperator: 'GreaterThanUpperThreshold' }, /ComparisonOperator GreaterThanUpperThreshold/],
  [{ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }, /arn:aws:automate/],
];

test('unsupported options are refused by name', async () => {
  await using scene = await openScene();
  for (const [changes, message] of REFUSED) {
    const command = new PutMetricAlarmCommand({ ...alertName, ...changes });
    await assert.rejects(scene.cloudWatch.send(command), errorNamed('ValidationException', message));
  }
});

const WRONG: readonly (readonly [Partial<PutMetricAlarmCommandInput>, RegExp])[] = [
  [{ Period: 45 }, /Invalid metric period 45/],
  [{ Period: 3600, EvaluationPeriods: 169 }, /a week/],
  [{ Period: 60, EvaluationPeriods: 1441 }, /a day/],
  [{ DatapointsToAlarm: 2 }, /DatapointsToAlarm \(2\)/],
  [{ AlarmActions: ['sample'] }, /Invalid arn syntax: sample/],
  [{ TreatMissingData: 'maybe' }, /treatMissingData/],
  [{ Threshold: undefined }, /Threshold/],
  [{ MetricName: undefined }, /MetricName/],
  [{ AlarmName: 'tab\there' }, /AlarmName/],
  [{ Statistic: undefined }, /The parameter Statistic or ExtendedStatistic is required/],
  // AWS's words, as moto and others have recorded them.
  [{ ExtendedStatistic: 'p99' }, /can not be made with both Statistic and ExtendedStatistic parameters/],
  [
    { Statistic: undefined, ExtendedStatistic: '90' },
    /^InvalidParameterValueException: The value 90 for parameter ExtendedStatistic is not supported\.$/,
  ],
  [
    { Statistic: undefined, ExtendedStatistic: 'p90', EvaluateLowSampleCountPercentile: 'unknown' },
    /^ValidationException: Option unknown is not supported\. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore\.$/,
  ],
  [
    { EvaluateLowSampleCountPercentile: 'ignore' },
    /^ValidationException: Option evaluateLowSampleCountPercentile can not be applied with statistic Sum\./,
  ],
];

test('invalid input is reported', async () => {
  await using scene = await openScene();
  for (const [changes, message] of WRONG) {
    const command = new PutMetricAlarmCommand({ ...alertName, ...changes });
    await assert.rejects(scene.cloudWatch.send(command), message);
  }
});
