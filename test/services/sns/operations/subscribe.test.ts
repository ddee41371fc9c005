import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsCommand,
  SetSubscriptionAttributesCommand,
  SubscribeCommand,
  type SubscribeCommandInput,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { errorNamed, openScene, READER } from './scene.ts';

test('a function is subscribed once, without a confirmation', async () => {
  await using scene = await openScene();
  const { sns, server, topicArn: TopicArn } = scene;
  const command = new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: READER });
  const first = await sns.send(command);
  const second = await sns.send(command);
  assert.equal(first.SubscriptionArn, second.SubscriptionArn);
  await server.restart();
  const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
  assert.deepEqual(Subscriptions, [
    {
      SubscriptionArn: first.SubscriptionArn,
      Owner: '000000000000',
      Protocol: 'lambda',
      Endpoint: READER,
      TopicArn,
    },
  ]);
});

test('an unconfirmed endpoint is listed as pending', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  // Nobody listens there.
  const Endpoint = 'http://127.0.0.1:1/';
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint }));
  const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
  assert.equal(Subscriptions?.[0]?.SubscriptionArn, 'PendingConfirmation');
  await assert.rejects(
    sns.send(new UnsubscribeCommand({ SubscriptionArn: 'PendingConfirmation' })),
    errorNamed('InvalidParameter', /An ARN must have at least 6 elements, not 1/),
  );
});

test('attributes are set when subscribing and after', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const subscription = { TopicArn, Protocol: 'lambda', Endpoint: READER };
  const Attributes = { FilterPolicy: '{"a":{"b":["x"]}}', FilterPolicyScope: 'MessageBody' };
  const { SubscriptionArn } = await sns.send(new SubscribeCommand({ ...subscription, Attributes }));
  await assert.rejects(
    sns.send(new SubscribeCommand({ ...subscription, Attributes: { FilterPolicy: '{"a":["y"]}' } })),
    errorNamed('InvalidParameter', /Subscription already exists with different attributes/),
  );
  const set = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: '{"c":["z"]}' };
  await sns.send(new SetSubscriptionAttributesCommand(set));
  const described = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  assert.deepEqual(described.Attributes, {
    SubscriptionArn,
    TopicArn,
    Owner: '000000000000',
    Protocol: 'lambda',
    Endpoint: READER,
    PendingConfirmation: 'false',
    ConfirmationWasAuthenticated: 'true',
    SubscriptionPrincipal: 'arn:aws:iam::000000000000:root',
    RawMessageDelivery: 'false',
    FilterPolicy: '{"c":["z"]}',
    FilterPolicyScope: 'MessageBody',
  });
});

const REFUSED: readonly (readonly [Partial<SubscribeCommandInput>, RegExp])[] = [
  [
    { Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:q.fifo' },
    /Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics/,
  ],
  [{ Protocol: 'email', Endpoint: 'a@example.com' }, /nagare does not support the protocol email yet/],
  // LocalStack's snapshot test_subscribe_with_invalid_protocol.
  [{ Protocol: 'pigeon' }, /Invalid parameter: Amazon SNS does not support this protocol string: pigeon/],
  [{ Endpoint: 'reader' }, /Lambda endpoint ARN/],
  [{ Protocol: 'http', Endpoint: 'https://example.com/' }, /Endpoint must match the specified protocol/],
  [{ Attributes: { RawMessageDelivery: 'true' } }, /\[lambda\] does not support raw message delivery/],
  [{ Protocol: 'sqs', Endpoint: 'https://example.com/q' }, /Invalid parameter: SQS endpoint ARN/],
  [
    { Attributes: { RedrivePolicy: '{}' } },
    /Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn/,
  ],
  [{ Attributes: { RedrivePolicy: 'x' } }, /RedrivePolicy: failed to parse JSON\./],
  [{ Attributes: { ReplayPolicy: '{}' } }, /the subscription attribute ReplayPolicy/],
  [{ Attributes: { FilterPolicy: '{"a":1}' } }, /Invalid parameter: Attributes Reason: FilterPolicy: /],
  [
    { Attributes: { RawMessageDelivery: 'wrongvalue' } },
    /Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value \[wrongvalue\]\. Must be true or false\./,
  ],
  [{ TopicArn: 'arn:aws:sns:us-east-1:000000000000:nowhere' }, /Topic does not exist/],
];

test('invalid or missing input is reported', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  for (const [changes, message] of REFUSED) {
    const command = new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: READER, ...changes });
    await assert.rejects(sns.send(command), message);
  }
});

// LocalStack's snapshot test_sns_confirm_subscription_wrong_token.
test('an invalid token is an error, also for a topic that does not exist', async () => {
  await using scene = await openScene();
  const { sns, topicArn } = scene;
  const confirm = (TopicArn: string, Token: string) =>
    sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
  const unknown = errorNamed('InvalidParameter', /^Invalid parameter: Token$/);
  await assert.rejects(confirm(topicArn, '51b2ff3edb'.repeat(28)), unknown);
  await assert.rejects(confirm(`${topicArn}-nowhere`, '51b2ff3edb'.repeat(28)), unknown);
  await assert.rejects(confirm(topicArn, 'randomtoken'), errorNamed('InvalidParameter', /^Invalid token$/));
});

// LocalStack's snapshot test_subscribe_idempotency: a default that is spelled out was a conflict here.
test('subscribing again with equivalent attributes succeeds', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const subscribe = (Attributes?: Record<string, string>) =>
    sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'http',
        Endpoint: 'http://127.0.0.1:9/idem',
        ReturnSubscriptionArn: true,
        Attributes,
      }),
    );
  const { SubscriptionArn } = await subscribe({ RawMessageDelivery: 'True' });
  const again = [
    { RawMessageDelivery: 'true' },
    { RawMessageDelivery: 'true', FilterPolicyScope: 'MessageAttributes' },
    { FilterPolicyScope: 'MessageAttributes' },
    {},
    undefined,
  ];
  for (const attributes of again) {
    assert.equal((await subscribe(attributes)).SubscriptionArn, SubscriptionArn);
  }
  const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  assert.equal(Attributes?.['FilterPolicyScope'], undefined);
  await assert.rejects(
    subscribe({ RawMessageDelivery: 'false', FilterPolicyScope: 'MessageBody' }),
    errorNamed('InvalidParameter', /Subscription already exists with different attributes/),
  );
});
