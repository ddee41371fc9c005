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
