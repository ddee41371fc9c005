import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAlarmsCommand,
  type DescribeAlarmsCommandInput,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { openScene, putAlarm } from './scene.ts';

test('alarms are found by name, prefix, state and action', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const topic = 'arn:aws:sns:us-east-1:000000000000:news';
  await putAlarm(cloudWatch, { AlarmName: 'disk-full', OKActions: [topic] });
  await putAlarm(cloudWatch, { AlarmName: 'disk-slow' });
  await putAlarm(cloudWatch, { AlarmName: 'late' });
  const set = { AlarmName: 'late', StateValue: 'OK', StateReason: 'r' } as const;
  await cloudWatch.send(new SetAlarmStateCommand(set));
  const names = async (input: DescribeAlarmsCommandInput): Promise<unknown> =>
    (await cloudWatch.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
  assert.deepEqual(await names({}), ['disk-full', 'disk-slow', 'late']);
  assert.deepEqual(await names({ AlarmNames: ['late', 'nowhere'] }), ['late']);
  assert.deepEqual(await names({ AlarmNamePrefix: 'disk-' }), ['disk-full', 'disk-slow']);
  assert.deepEqual(await names({ StateValue: 'OK' }), ['late']);
  assert.deepEqual(await names({ ActionPrefix: 'arn:aws:sns:' }), ['disk-full']);
  assert.deepEqual(await names({ AlarmTypes: ['CompositeAlarm'] }), []);
  const pages: unknown[] = [];
  for await (const page of paginateDescribeAlarms({ client: cloudWatch, pageSize: 2 }, {})) {
    pages.push(page.MetricAlarms?.map(({ AlarmName }) => AlarmName));
  }
  assert.deepEqual(pages, [['disk-full', 'disk-slow'], ['late']]);
});
