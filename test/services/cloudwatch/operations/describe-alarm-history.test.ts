import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { openScene, putAlarm } from './scene.ts';
import { until } from '../../../support/until.ts';

test('history lists creation, states, actions and deletion, newest first', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const topic = 'arn:aws:sns:us-east-1:000000000000:nowhere';
  await putAlarm(cloudWatch, { AlarmActions: [topic] });
  const set = {
    AlarmName: 'a',
    StateValue: 'ALARM',
    StateReason: 'testing',
    StateReasonData: '{"by":"hand"}',
  };
  await cloudWatch.send(new SetAlarmStateCommand({ ...set, StateValue: 'ALARM' }));
  const items = async (): Promise<(readonly (string | undefined)[])[]> => {
    const { AlarmHistoryItems = [] } = await cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName: 'a' }),
    );
    return AlarmHistoryItems.map((item) => [item.HistoryItemType, item.HistorySummary, item.HistoryData]);
  };
  // The action is done after the answer.
  await until(async () => (await items()).length === 3);
  await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ['a'] }));
  const history = await items();
  assert.deepEqual(
    history.map(([type, summary]) => [type, summary]),
    [
      ['ConfigurationUpdate', 'Alarm "a" deleted'],
      ['Action', `Failed to execute action ${topic}. Received error: "Topic does not exist"`],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to ALARM'],
      ['ConfigurationUpdate', 'Alarm "a" created'],
    ],
  );
  assert.deepEqual(JSON.parse(history[2]?.[2] ?? ''), {
    version: '1.0',
    oldState: { stateValue: 'INSUFFICIENT_DATA', stateReason: 'Unchecked: Initial alarm creation' },
    newState: { stateValue: 'ALARM', stateReason: 'testing', stateReasonData: { by: 'hand' } },
  });
});
