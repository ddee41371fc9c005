import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  NotFoundException,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  type SubscribeCommandInput,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';
import { isSignatureValid, notificationOf, Subscriber } from './subscriber.ts';

/** No second try takes longer than a test may. */
const AT_ONCE = JSON.stringify({ healthyRetryPolicy: { numRetries: 3, numNoDelayRetries: 3 } });

interface Scene {
  readonly server: TestServer;
  readonly sns: SNSClient;
  readonly subscriber: Subscriber;
  readonly topicArn: string;
  [Symbol.asyncDispose](): Promise<void>;
}

async function openScene(): Promise<Scene> {
  const server = await startTestServer();
  const sns = new SNSClient(clientOptions(server.endpoint));
  const subscriber = await Subscriber.listen();
  const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  return {
    server,
    sns,
    subscriber,
    topicArn,
    async [Symbol.asyncDispose]() {
      sns.destroy();
      await server.close();
      await subscriber.close();
    },
  };
}

/** Subscribes the subscriber, which confirms. */
async function subscribed(scene: Scene, attributes?: SubscribeCommandInput['Attributes']): Promise<string> {
  const { sns, subscriber, topicArn } = scene;
  const { SubscriptionArn = '' } = await sns.send(
    new SubscribeCommand({
      TopicArn: topicArn,
      Protocol: 'http',
      Endpoint: subscriber.url,
      ReturnSubscriptionArn: true,
      ...(attributes === undefined ? {} : { Attributes: attributes }),
    }),
  );
  await subscriber.until('SubscriptionConfirmation', 1);
  return SubscriptionArn;
}

test('an endpoint confirms by visiting the URL it gets, and then gets signed notifications', async () => {
  await using scene = await openScene();
  const { sns, subscriber, topicArn } = scene;
  subscriber.confirms = false;
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn: topicArn, Protocol: 'http', Endpoint: subscriber.url }),
  );
  assert.equal(SubscriptionArn, 'pending confirmation');
  const [post] = await subscriber.until('SubscriptionConfirmation', 1);
  assert.ok(post !== undefined);
  const confirmation = notificationOf(post);
  assert.ok(await isSignatureValid(confirmation));
  assert.equal(post.headers['content-type'], 'text/plain; charset=UTF-8');
  assert.equal(post.headers['x-amz-sns-topic-arn'], topicArn);

  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'nobody hears this' }));
  const answer = await fetch(confirmation['SubscribeURL'] ?? '');
  assert.match(
    await answer.text(),
    /<SubscriptionArn>arn:aws:sns:us-east-1:000000000000:news:[-0-9a-f]{36}</,
  );

  const { MessageId } = await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: 'greeting',
      Message: 'grüß dich',
      MessageAttributes: {
        tone: { DataType: 'String', StringValue: 'friendly' },
        raw: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2, 255) },
      },
    }),
  );
  const [heard, ...others] = await subscriber.until('Notification', 1);
  assert.deepEqual(others, []);
  assert.ok(heard !== undefined);
  const notification = notificationOf(heard);
  assert.ok(await isSignatureValid(notification));
  assert.equal(await isSignatureValid({ ...notification, Message: 'something else' }), false);
  const { Timestamp, Signature, SigningCertURL, UnsubscribeURL, ...rest } = notification;
  assert.match(Timestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Signature !== undefined && SigningCertURL !== undefined && UnsubscribeURL !== undefined);
  assert.deepEqual(rest, {
    Type: 'Notification',
    MessageId,
    TopicArn: topicArn,
    Subject: 'greeting',
    Message: 'grüß dich',
    SignatureVersion: '1',
    MessageAttributes: {
      tone: { Type: 'String', Value: 'friendly' },
      raw: { Type: 'Binary', Value: 'AQL/' },
    },
  });
  assert.equal(heard.headers['x-amz-sns-message-id'], MessageId);
  assert.match(heard.headers['x-amz-sns-subscription-arn']?.toString() ?? '', /:news:[-0-9a-f]{36}$/);
});

test('SignatureVersion 2 signs with SHA-256', async () => {
  await using scene = await openScene();
  const { sns, subscriber, topicArn } = scene;
  const attribute = { AttributeName: 'SignatureVersion', AttributeValue: '2' };
  await sns.send(new SetTopicAttributesCommand({ TopicArn: topicArn, ...attribute }));
  await subscribed(scene);
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'm' }));
  const [post] = await subscriber.until('Notification', 1);
  assert.ok(post !== undefined);
  assert.equal(notificationOf(post)['SignatureVersion'], '2');
  assert.ok(await isSignatureValid(notificationOf(post)));
});

test('with RawMessageDelivery the body is the message alone', async () => {
  await using scene = await openScene();
  await subscribed(scene, { RawMessageDelivery: 'true' });
  await scene.sns.send(new PublishCommand({ TopicArn: scene.topicArn, Message: '{"a":1}' }));
  const [post] = await scene.subscriber.until('Notification', 1);
  assert.equal(post?.body, '{"a":1}');
  assert.equal(post?.headers['x-amz-sns-rawdelivery'], 'true');
});

test('a failing endpoint is retried, with the same message id', async () => {
  await using scene = await openScene();
  await subscribed(scene, { DeliveryPolicy: AT_ONCE });
  scene.subscriber.answers = [500, 429, 503];
  const { MessageId } = await scene.sns.send(new PublishCommand({ TopicArn: scene.topicArn, Message: 'm' }));
  const posts = await scene.subscriber.until('Notification', 4);
  assert.deepEqual(
    posts.map(({ headers }) => headers['x-amz-sns-message-id']),
    [MessageId, MessageId, MessageId, MessageId],
  );
});

test('an endpoint that responds with a client error is not retried', async () => {
  await using scene = await openScene();
  await subscribed(scene, { DeliveryPolicy: AT_ONCE });
  scene.subscriber.answers = [400];
  await scene.sns.send(new PublishCommand({ TopicArn: scene.topicArn, Message: 'first' }));
  await scene.subscriber.until('Notification', 1);
  await scene.sns.send(new PublishCommand({ TopicArn: scene.topicArn, Message: 'second' }));
  const posts = await scene.subscriber.until('Notification', 2);
  assert.deepEqual(
    posts.map((post) => notificationOf(post)['Message']),
    ['first', 'second'],
  );
});

test('messages published while the endpoint is unavailable arrive after a restart of the server', async () => {
  await using scene = await openScene();
  const { server, sns, subscriber, topicArn } = scene;
  const retryLater = { healthyRetryPolicy: { minDelayTarget: 1, maxDelayTarget: 1, numRetries: 50 } };
  await subscribed(scene, { DeliveryPolicy: JSON.stringify(retryLater) });
  subscriber.answers = [500, 500];
  const messages = ['one', 'two'];
  for (const Message of messages) await sns.send(new PublishCommand({ TopicArn: topicArn, Message }));
  await subscriber.until('Notification', 2);
  await server.restart();
  const posts = await subscriber.until('Notification', 4);
  const bodies = posts.map((post) => notificationOf(post)['Message'] ?? '');
  assert.deepEqual(bodies.toSorted(), ['one', 'one', 'two', 'two']);
  for (const post of posts) assert.ok(await isSignatureValid(notificationOf(post)));
});

test('the end of a subscription is notified, and can be undone', async () => {
  await using scene = await openScene();
  const { sns, subscriber, topicArn } = scene;
  const arn = await subscribed(scene);
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
  const [post] = await subscriber.until('UnsubscribeConfirmation', 1);
  assert.ok(post !== undefined);
  assert.ok(await isSignatureValid(notificationOf(post)));
  const listed = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  assert.deepEqual(listed.Subscriptions, []);
  await (await fetch(notificationOf(post)['SubscribeURL'] ?? '')).text();
  const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }));
  assert.equal(Attributes?.['PendingConfirmation'], 'false');
});

test('UnsubscribeURL ends a subscription without credentials, unless its confirmation required them', async () => {
  await using scene = await openScene();
  const { sns, subscriber, topicArn } = scene;
  const arn = await subscribed(scene);
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: 'm' }));
  const [post] = await subscriber.until('Notification', 1);
  assert.ok(post !== undefined);
  const url = notificationOf(post)['UnsubscribeURL'] ?? '';
  const [confirmation] = subscriber.of('SubscriptionConfirmation');
  assert.ok(confirmation !== undefined);
  await sns.send(
    new ConfirmSubscriptionCommand({
      TopicArn: topicArn,
      Token: notificationOf(confirmation)['Token'],
      AuthenticateOnUnsubscribe: 'true',
    }),
  );
  assert.equal((await fetch(url)).status, 403);
  await sns.send(new UnsubscribeCommand({ SubscriptionArn: arn }));
  await assert.rejects(
    sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn })),
    NotFoundException,
  );
});

test('a filter accepts matching messages, by attributes or by body', async () => {
  await using scene = await openScene();
  const { sns, subscriber, topicArn } = scene;
  const arn = await subscribed(scene, { FilterPolicy: '{"kind":["order",{"prefix":"re"}]}' });
  const say = async (Message: string, kind?: string): Promise<void> => {
    const MessageAttributes =
      kind === undefined ? undefined : { kind: { DataType: 'String', StringValue: kind } };
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message, MessageAttributes }));
  };
  await say('1', 'order');
  await say('2', 'note');
  await say('3');
  await say('4', 'return');
  await subscriber.until('Notification', 2);
  const set = (AttributeName: string, AttributeValue: string): Promise<unknown> =>
    sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: arn, AttributeName, AttributeValue }));
  await set('FilterPolicyScope', 'MessageBody');
  await set('FilterPolicy', '{"item":{"price":[{"numeric":[">=",10]}]}}');
  await say('{"item":{"price":9}}');
  await say('no JSON');
  await say('{"item":{"price":10}}');
  const posts = await subscriber.until('Notification', 3);
  const heard = posts.map((post) => notificationOf(post)['Message'] ?? '');
  assert.deepEqual(heard.toSorted(), ['1', '4', '{"item":{"price":10}}']);
});
