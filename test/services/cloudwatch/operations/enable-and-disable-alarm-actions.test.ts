import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
} from '@aws-sdk/client-cloudwatch';
import { openScene, putAlarm } from './scene.ts';

test('actions are disabled and enabled', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  await putAlarm(cloudWatch, {});
  const enabled = async (): Promise<boolean | undefined> =>
    (await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.ActionsEnabled;
  await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames: ['a', 'nowhere'] }));
  assert.equal(await enabled(), false);
  await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames: ['a'] }));
  assert.equal(await enabled(), true);
});
