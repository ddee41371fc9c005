import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { PublishCommand, SetTopicAttributesCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { until } from '../../support/until.ts';
import { type ActingScene, letService, openActingScene } from './acting-scene.ts';
import { ACCOUNT, allow, policy, trustIn } from './scene.ts';

const SNS = 'sns.amazonaws.com';
const HERE = `us-east-1:${ACCOUNT}`;

let world: ActingScene;
before(async () => {
  world = await openActingScene();
});
after(() => world[Symbol.asyncDispose]());

async function subscribe(TopicArn: string, Endpoint: string, more: object = {}): Promise<void> {
  const Protocol = Endpoint.split(':')[2] ?? '';
  const Attributes = { ...(Protocol === 'sqs' && { RawMessageDelivery: 'true' }), ...more };
  await world.sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes }));
}

const publish = (TopicArn: string, Message: string) =>
  world.sns.send(new PublishCommand({ TopicArn, Message }));

const failed = (topic: string): Promise<number> =>
  world.sum('AWS/SNS', 'NumberOfNotificationsFailed', ['TopicName', topic]);

describe('notifications for a queue', () => {
  it('arrive only while its policy lets SNS send, for that topic', async () => {
    const [topic, other] = [await world.topic('orders'), await world.topic('others')];
    const queue = await world.queue('inbox');
    await subscribe(topic, queue);
    await subscribe(other, queue);
    await publish(topic, 'refused');
    await until(async () => (await failed('orders')) === 1);

    await world.setQueuePolicy(queue, letService(SNS, 'sqs:SendMessage', queue, topic));
    await publish(other, 'of another topic');
    await publish(topic, 'allowed');
    assert.deepEqual(await world.take(queue), ['allowed']);
    await until(async () => (await failed('others')) === 1);

    await world.setQueuePolicy(queue);
    await publish(topic, 'refused again');
    await until(async () => (await failed('orders')) === 2);
    assert.deepEqual(await world.take(queue, 0), []);
    await until(
      async () => (await world.sum('Nagare/Permissions', 'RefusedActions', ['Service', 'sns'])) === 3,
    );
  });

  it('arrive by a policy for everyone, with the account of the source', async () => {
    const topic = await world.topic('open');
    const queue = await world.queue('open');
    await subscribe(topic, queue);
    for (const [Principal, account, arrives] of [
      [{ AWS: '*' }, ACCOUNT, true],
      ['*', ACCOUNT, true],
      ['*', '111111111111', false],
      [{ AWS: ACCOUNT }, ACCOUNT, false],
    ] as const) {
      const Condition = { StringEquals: { 'aws:SourceAccount': account } };
      await world.setQueuePolicy(queue, { ...allow('sqs:SendMessage', queue), Principal, Condition });
      const before = await failed('open');
      await publish(topic, 'm');
      if (arrives) assert.deepEqual(await world.take(queue), ['m']);
      else await until(async () => (await failed('open')) === before + 1);
    }
  });

  it('go to the dead-letter queue, if that lets SNS send', async () => {
    const topic = await world.topic('lettered');
    const [queue, letters] = [await world.queue('closed'), await world.queue('letters')];
    await subscribe(topic, queue, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: letters }) });
    await publish(topic, 'lost, and told');
    const toLetters = (kind: string) =>
      world.sum('AWS/SNS', `NumberOfNotifications${kind}ToDlq`, ['TopicName', 'lettered']);
    await until(async () => (await toLetters('FailedToRedrive')) === 1);
    await world.setQueuePolicy(letters, letService(SNS, 'sqs:SendMessage', letters, topic));
    await publish(topic, 'kept');
    assert.deepEqual(await world.take(letters), ['kept']);
    await until(async () => (await toLetters('Redriven')) === 1);
  });
});

describe('notifications for a function', () => {
  it('arrive only while its policy lets SNS invoke it, for that topic', async () => {
    const [topic, other] = [await world.topic('calls'), await world.topic('other-calls')];
    const queue = await world.queue('called');
    const role = await world.scene.role('called', trustIn('lambda.amazonaws.com'), allow('sqs:SendMessage'));
    const FunctionName = await world.forwarder('called', role, queue);
    await subscribe(topic, FunctionName);
    await subscribe(other, FunctionName);
    await publish(topic, 'refused');
    await until(async () => (await failed('calls')) === 1);
    const StatementId = 'sns';
    const Action = 'lambda:InvokeFunction';
    await world.lambda.send(
      new AddPermissionCommand({ FunctionName, StatementId, Action, Principal: SNS, SourceArn: topic }),
    );
    await publish(other, 'of another topic');
    await publish(topic, 'allowed');
    assert.deepEqual(await world.take(queue, 20), ['allowed']);
    await until(async () => (await failed('other-calls')) === 1);
    await world.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
    await publish(topic, 'refused again');
    await until(async () => (await failed('calls')) === 2);
  });
});

const cloudWatch = (): CloudWatchClient => new CloudWatchClient(world.scene.root);
const alarmArn = (name: string): string => `arn:aws:cloudwatch:${HERE}:alarm:${name}`;

async function alarm(AlarmName: string, action: string): Promise<void> {
  await cloudWatch().send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmActions: [action],
      Namespace: 'n',
      MetricName: 'm',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
    }),
  );
}

/** What the history says of the action that setting the state has begun. */
async function raise(AlarmName: string, count: number): Promise<string> {
  for (const StateValue of ['OK', 'ALARM'] as const) {
    await cloudWatch().send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'test' }));
  }
  const items = await until(async () => {
    const { AlarmHistoryItems = [] } = await cloudWatch().send(
      new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: 'Action' }),
    );
    return AlarmHistoryItems.length === count && AlarmHistoryItems;
  });
  return items[0]?.HistorySummary ?? '';
}

describe('the actions of an alarm', () => {
  it('reach a topic with the default policy, and one whose policy lets CloudWatch publish for the alarm', async () => {
    const topic = await world.topic('alarms');
    const queue = await world.queue('alarms');
    await world.setQueuePolicy(queue, letService(SNS, 'sqs:SendMessage', queue, topic));
    await subscribe(topic, queue);
    await alarm('a', topic);
    assert.equal(await raise('a', 1), `Successfully executed action ${topic}`);
    assert.equal((await world.take(queue)).length, 1);
    const setPolicy = (...statements: object[]) =>
      world.sns.send(
        new SetTopicAttributesCommand({
          TopicArn: topic,
          AttributeName: 'Policy',
          AttributeValue: policy(...statements),
        }),
      );
    await setPolicy(letService('cloudwatch.amazonaws.com', 'sns:Publish', topic, alarmArn('b')));
    const refusal =
      `Failed to execute action ${topic}. Received error: "Resource: ${alarmArn('a')} is not authorized to perform: ` +
      `sns:Publish on resource: ${topic} because`;
    assert.ok((await raise('a', 2)).startsWith(refusal));
    await setPolicy(letService('cloudwatch.amazonaws.com', 'sns:Publish', topic, alarmArn('a')));
    assert.equal(await raise('a', 3), `Successfully executed action ${topic}`);
  });

  it('reach a function whose policy lets the alarm invoke it', async () => {
    const queue = await world.queue('alarmed');
    const role = await world.scene.role('alarmed', trustIn('lambda.amazonaws.com'), allow('sqs:SendMessage'));
    const FunctionName = await world.forwarder('alarmed', role, queue);
    await alarm('f', FunctionName);
    assert.match(await raise('f', 1), /is not authorized to perform: lambda:InvokeFunction/);
    await world.lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'alarm',
        Action: 'lambda:InvokeFunction',
        Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
        SourceArn: alarmArn('f'),
      }),
    );
    assert.match(await raise('f', 2), /^Successfully/);
    assert.equal((await world.take(queue, 20)).length, 1);
    await world.scene.iam.send(new DeleteRolePolicyCommand({ RoleName: 'alarmed', PolicyName: 'own' }));
    await world.scene.iam.send(new DeleteRoleCommand({ RoleName: 'alarmed' }));
  });
});
