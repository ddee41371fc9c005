import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { errorNamed, openScene, putAlarm } from './scene.ts';

test('SetAlarmState requires an existing alarm and a valid state', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const set = (AlarmName: string, StateValue: string): Promise<unknown> =>
    cloudWatch.send(
      // A word that the SDK's type does not know is what this is about.
      new SetAlarmStateCommand({ AlarmName, StateValue: StateValue as 'OK', StateReason: 'r' }),
    );
  await assert.rejects(set('nowhere', 'OK'), errorNamed('ResourceNotFound', /^/));
  await putAlarm(cloudWatch, {});
  await assert.rejects(
    set('a', 'INVALID'),
    /1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: \[INSUFFICIENT_DATA, ALARM, OK\]$/,
  );
});
