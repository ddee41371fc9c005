import assert from 'node:assert/strict';
import { type TestContext, describe, it } from 'node:test';
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateTopicCommand,
  type MessageAttributeValue,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { DeleteQueueCommand, type Message, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer } from '../../support/server.ts';
import { TestQueue } from '../sqs/queue.ts';

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function setup(t: TestContext) {
  const server = await startTestServer();
  const options = clientOptions(server.endpoint);
  const [sns, sqs] = [new SNSClient(options), new SQSClient(options)];
  t.after(() => server.close());
  for (const client of [sns, sqs]) t.after(() => client.destroy());
  const queue = await TestQueue.create(sqs, 'inbox');
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  const subscribe = async (Attributes: Record<string, string> = {}, name = 'inbox') => {
    const input = { TopicArn, Protocol: 'sqs', Endpoint: arnOf(name), Attributes };
    return (await sns.send(new SubscribeCommand(input))).SubscriptionArn;
  };
  const publish = (text: string, MessageAttributes: Record<string, MessageAttributeValue> = {}) =>
    sns.send(new PublishCommand({ TopicArn, Message: text, MessageAttributes }));
  return { server, options, sns, sqs, queue, TopicArn, subscribe, publish };
}

async function next(queue: TestQueue): Promise<Message> {
  const input = { WaitTimeSeconds: 20, MaxNumberOfMessages: 1, MessageAttributeNames: ['All'] };
  const [message] = await queue.receive({ ...input, MessageSystemAttributeNames: ['All'] });
  assert(message !== undefined);
  await queue.delete(message);
  return message;
}

const string = (StringValue: string) => ({ DataType: 'String', StringValue });

describe('subscriptions of queues', () => {
  it('are confirmed at once, and get envelopes', async (t) => {
    const { sns, queue, TopicArn, subscribe } = await setup(t);
    assert.match((await subscribe()) ?? '', /^arn:aws:sns:us-east-1:000000000000:news:[0-9a-f-]{36}$/);
    const { MessageId } = await sns.send(
      new PublishCommand({
        TopicArn,
        Message: '{"default":"for others","sqs":"for queues"}',
        MessageStructure: 'json',
        Subject: 'greeting',
        MessageGroupId: 'tenant',
        MessageAttributes: { a: string('b') },
      }),
    );
    const { Body = '', Attributes, MessageAttributes } = await next(queue);
    const { Timestamp, Signature, SigningCertURL, UnsubscribeURL, ...envelope } = JSON.parse(Body) as Record<
      string,
      unknown
    >;
    assert.deepEqual(envelope, {
      Type: 'Notification',
      MessageId,
      TopicArn,
      Subject: 'greeting',
      Message: 'for queues',
      SignatureVersion: '1',
      MessageAttributes: { a: { Type: 'String', Value: 'b' } },
    });
    for (const value of [Timestamp, Signature, SigningCertURL, UnsubscribeURL])
      assert.equal(typeof value, 'string');
    assert.equal(MessageAttributes, undefined);
    assert.equal(Attributes?.MessageGroupId, 'tenant');
  });

  it('get raw messages with their attributes, chosen by filter policies', async (t) => {
    const { queue, subscribe, publish } = await setup(t);
    await subscribe({ RawMessageDelivery: 'true', FilterPolicy: '{"kind":["wanted"]}' });
    await publish('not this one', { kind: string('other') });
    const attributes = {
      kind: string('wanted'),
      count: { DataType: 'Number', StringValue: '111' },
      list: { DataType: 'String.Array', StringValue: '["a"]' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(2, 3, 4) },
    };
    await publish('this one', attributes);
    const { Body, MessageAttributes } = await next(queue);
    assert.equal(Body, 'this one');
    assert.deepEqual(MessageAttributes, attributes);
    assert.deepEqual(await queue.receive(), []);
  });

  it('put what a queue does not take into their dead-letter queue', async (t) => {
    const { sqs, sns, queue, subscribe, publish } = await setup(t);
    const dead = await TestQueue.create(sqs, 'dead');
    const SubscriptionArn = await subscribe({
      RawMessageDelivery: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead') }),
    });
    // More attributes than a message of a queue may have: the dead-letter queue does not take it raw, either.
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`a${n}`, string('b')]));
    await publish('too many attributes', many);
    await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.QueueUrl }));
    await publish('no queue', { a: string('b') });
    const raw = await next(dead);
    assert.equal(raw.Body, 'no queue');
    assert.deepEqual(raw.MessageAttributes, { a: string('b') });
    await sns.send(
      new SetSubscriptionAttributesCommand({
        SubscriptionArn,
        AttributeName: 'RawMessageDelivery',
        AttributeValue: 'false',
      }),
    );
    await publish('no queue', many);
    const { Message: text } = JSON.parse((await next(dead)).Body ?? '') as { Message: string };
    assert.equal(text, 'no queue');
  });

  it('carry notifications of alarms', async (t) => {
    const { options, queue, TopicArn = '', subscribe } = await setup(t);
    await subscribe();
    const cloudwatch = new CloudWatchClient(options);
    t.after(() => cloudwatch.destroy());
    const AlarmName = 'busy';
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'Shop',
        MetricName: 'Orders',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [TopicArn],
      }),
    );
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }),
    );
    const { Message: text, Subject } = JSON.parse((await next(queue)).Body ?? '') as Record<string, string>;
    assert.match(Subject ?? '', /^ALARM: "busy"/);
    assert.equal((JSON.parse(text ?? '') as { NewStateValue: string }).NewStateValue, 'ALARM');
  });

  it('go on after a restart, and survive a queue that comes later', async (t) => {
    const { server, sqs, queue, subscribe, publish } = await setup(t);
    await subscribe({}, 'later');
    await subscribe();
    await publish('one');
    await server.restart();
    assert.match((await next(queue)).Body ?? '', /"Message": "one"/);
    const later = await TestQueue.create(sqs, 'later');
    await publish('two');
    assert.match((await next(later)).Body ?? '', /"Message": "two"/);
  });
});
