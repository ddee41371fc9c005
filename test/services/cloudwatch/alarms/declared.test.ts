import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { clientOptions } from '../../../support/client.ts';
import { declared } from '../../../support/declarations.ts';
import { refusalOf } from '../../../support/refusal.ts';
import { startTestServer } from '../../../support/server.ts';

const alarm = {
  namespace: 'AWS/Kinesis',
  metricName: 'IncomingRecords',
  dimensions: {},
  statistic: 'Sum',
  period: 60,
  evaluationPeriods: 1,
  threshold: 1,
  comparisonOperator: 'GreaterThanThreshold',
  actionsEnabled: true,
  alarmActions: [],
  okActions: [],
  insufficientDataActions: [],
};

const content = (changed: object) => ({
  topics: { alerts: { subscriptions: [] } },
  alarms: { busy: { ...alarm, ...changed } },
});

const refusal = (changed: object) => refusalOf(content(changed));

// Declared alarms came past the checks of PutMetricAlarm.
test('a declared alarm is validated like PutMetricAlarm', async () => {
  const seven = await refusal({
    alarmActions: [1, 2, 3, 4, 5, 6, 7].map((n) => `arn:aws:sns:us-east-1:000000000000:${n}`),
  });
  assert.match(seven, /alarms\.busy: .* at 'alarmActions' .* length less than or equal to 5/);
  const described = await refusal({ alarmDescription: 'd'.repeat(2000) });
  assert.match(described, /at 'alarmDescription' .* length less than or equal to 1024/);
  const nameless = await refusal({ dimensions: { '': '' } });
  assert.match(nameless, /at 'dimensions\.1\.member\.name' .* length greater than or equal to 1/);
  assert.match(nameless, /at 'dimensions\.1\.member\.value'/);
});

test('an alarm without a statistic, or on an unknown one, is refused', async () => {
  assert.match(await refusal({ statistic: undefined }), /Statistic or ExtendedStatistic is required/);
  assert.match(
    await refusal({ statistic: undefined, extendedStatistic: 'p101' }),
    /alarms\.busy: The value p101 for parameter ExtendedStatistic is not supported/,
  );
});

// A misspelt topic went unnoticed until the alarm told nobody.
test('an unknown topic name is refused, with a suggestion', async () => {
  assert.match(
    await refusal({ alarmActions: ['alert'] }),
    /alarms\.busy: alarmActions refers to the topic alert, which is neither declared nor exists; did you mean alerts\?/,
  );
  assert.match(
    await refusal({ okActions: ['no name/of a topic'] }),
    /okActions refers to the topic no name\/of a topic, .* declare it under topics, or use an ARN/,
  );
});

test('an alarm can name a declared topic, an existing one, or an ARN', async () => {
  await using server = await startTestServer();
  const sns = new SNSClient(clientOptions(server.endpoint));
  await sns.send(new CreateTopicCommand({ Name: 'older' }));
  sns.destroy();
  await server.stop();
  const later = 'arn:aws:sns:us-east-1:000000000000:later';
  const alarmActions = ['alerts', 'older', later];
  await using again = await startTestServer({
    dataDir: server.dataDir,
    declarations: declared(content({ alarmActions })),
  });
  const client = new CloudWatchClient(clientOptions(again.endpoint));
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
  client.destroy();
  assert.deepEqual(
    MetricAlarms?.[0]?.AlarmActions,
    ['alerts', 'older', 'later'].map((name) => `arn:aws:sns:us-east-1:000000000000:${name}`),
  );
});
