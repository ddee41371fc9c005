import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeleteAlarmsCommand, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene, putAlarm } from './scene.ts';

test('alarms are deleted all or none', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await putAlarm(cloudWatch, {});
  await assert.rejects(
    cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a', 'nowhere'] })),
    errorNamed('ResourceNotFound', /nowhere/),
  );
  const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({}));
  assert.equal(MetricAlarms?.length, 1);
});
