import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeAlarmsForMetricCommand } from '@aws-sdk/client-cloudwatch';
import { openScene, putAlarm } from './scene.ts';

test('the alarms of a metric are those with the same dimensions', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await putAlarm(cloudWatch, { AlarmName: 'all' });
  await putAlarm(cloudWatch, { AlarmName: 'one', Dimensions: [{ Name: 'Host', Value: 'a' }] });
  const { MetricAlarms } = await cloudWatch.send(
    new DescribeAlarmsForMetricCommand({ Namespace: 'App', MetricName: 'Latency' }),
  );
  assert.deepEqual(
    MetricAlarms?.map(({ AlarmName }) => AlarmName),
    ['all'],
  );
});

test('the alarms of a metric are those with the same statistic', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await putAlarm(cloudWatch, { AlarmName: 'mean' });
  await putAlarm(cloudWatch, { AlarmName: 'slow', Statistic: undefined, ExtendedStatistic: 'p99' });
  const namesOf = async (statistic: object) => {
    const input = { Namespace: 'App', MetricName: 'Latency', ...statistic };
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsForMetricCommand(input));
    return MetricAlarms.map(({ AlarmName }) => AlarmName);
  };
  assert.deepEqual(await namesOf({}), ['mean', 'slow']);
  assert.deepEqual(await namesOf({ Statistic: 'Average' }), ['mean']);
  assert.deepEqual(await namesOf({ ExtendedStatistic: 'p99' }), ['slow']);
  assert.deepEqual(await namesOf({ ExtendedStatistic: 'p90' }), []);
});
