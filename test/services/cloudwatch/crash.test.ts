import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

import { clientOptions, spawnServer } from '../../support/server.ts';
import { notificationOf, Subscriber } from '../sns/subscriber.ts';
import { aroundNow } from './operations/scene.ts';

test('no alarm notification and no acknowledged datum is lost when the server is killed', async () => {
  await using server = await spawnServer();
  await using subscriber = await Subscriber.listen();
  const sns = new SNSClient(clientOptions(server.endpoint));
  const cloudWatch = new CloudWatchClient(clientOptions(server.endpoint));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: subscriber.url }));
  await subscriber.until('SubscriptionConfirmation', 1);
  const AlarmName = 'a';
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: 'App',
      MetricName: 'Nobody counts this',
      Statistic: 'Sum',
      Period: 60,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      EvaluationPeriods: 1,
      TreatMissingData: 'ignore',
      AlarmActions: [TopicArn],
      OKActions: [TopicArn],
    }),
  );
  const states = ['ALARM', 'OK', 'ALARM', 'OK'] as const;
  for (const [kill, StateValue] of states.entries()) {
    await cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'App', MetricData: [{ MetricName: 'Kills', Value: 1 }] }),
    );
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: `kill ${kill}` }));
    await server.kill();
    await server.start();
  }
  const expected = states.map((_, kill) => `kill ${kill}`);
  for (let count = 1; ; count++) {
    const posts = await subscriber.until('Notification', count);
    const reasons = posts.map(
      // What alarms send is JSON with a reason.
      (post) =>
        (JSON.parse(notificationOf(post)['Message'] ?? '') as { NewStateReason: string }).NewStateReason,
    );
    if (expected.every((reason) => reasons.includes(reason))) break;
  }
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'App',
      MetricName: 'Kills',
      ...aroundNow(),
      Period: 600,
      Statistics: ['Sum'],
    }),
  );
  assert.deepEqual(
    Datapoints.map(({ Sum }) => Sum),
    [states.length],
  );
  sns.destroy();
  cloudWatch.destroy();
});
