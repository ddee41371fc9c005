import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { errorNamed, openScene, READER } from './scene.ts';

test('attributes are those that were set and those that every topic has', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const set = (AttributeName: string, AttributeValue: string): Promise<unknown> =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
  await set('DisplayName', 'News');
  await set('SignatureVersion', '2');
  await set('DeliveryPolicy', '{"http":{"defaultHealthyRetryPolicy":{"numRetries":1}}}');
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'lambda', Endpoint: READER }));
  const { Attributes = {} } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  const { Policy, EffectiveDeliveryPolicy, DeliveryPolicy, ...rest } = Attributes;
  assert.deepEqual(rest, {
    TopicArn,
    Owner: '000000000000',
    DisplayName: 'News',
    SignatureVersion: '2',
    SubscriptionsConfirmed: '1',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  });
  assert.match(Policy ?? '', /SNS:Publish/);
  assert.match(EffectiveDeliveryPolicy ?? '', /"numRetries":1,/);
  assert.ok(DeliveryPolicy !== undefined);
});

test('attributes without effect are refused by name', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  for (const AttributeName of ['KmsMasterKeyId', 'TracingConfig', 'LambdaFailureFeedbackRoleArn']) {
    const command = new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue: 'x' });
    await assert.rejects(
      sns.send(command),
      errorNamed(
        'InvalidParameter',
        new RegExp(`nagare does not support the topic attribute ${AttributeName} yet`),
      ),
    );
  }
});

// Terraform's aws_sns_topic sends the five sample rates, and no topic could be made with it.
test('attributes can be set to their fixed values', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  const set = (AttributeName: string, AttributeValue: string) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));
  for (const protocol of ['Application', 'HTTP', 'Lambda', 'SQS', 'Firehose']) {
    await set(`${protocol}SuccessFeedbackSampleRate`, '0');
    await set(`${protocol}SuccessFeedbackRoleArn`, '');
    await set(`${protocol}FailureFeedbackRoleArn`, '');
    await assert.rejects(set(`${protocol}SuccessFeedbackSampleRate`, '1'), /does not support/);
  }
  await set('TracingConfig', 'PassThrough');
  await set('KmsMasterKeyId', '');
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }));
  const { Policy = '', EffectiveDeliveryPolicy = '', TracingConfig } = Attributes ?? {};
  assert.equal(TracingConfig, 'PassThrough');
  await set('Policy', Policy);
  // Recorded on AWS, as LocalStack's snapshot test_create_topic_test_arn.
  assert.deepEqual(JSON.parse(EffectiveDeliveryPolicy), {
    http: {
      defaultHealthyRetryPolicy: {
        minDelayTarget: 20,
        maxDelayTarget: 20,
        numRetries: 3,
        numMaxDelayRetries: 0,
        numNoDelayRetries: 0,
        numMinDelayRetries: 0,
        backoffFunction: 'linear',
      },
      disableSubscriptionOverrides: false,
      defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
    },
  });
  await set('DeliveryPolicy', EffectiveDeliveryPolicy);
});

test('tags can be added, changed and removed', async () => {
  await using scene = await openScene();
  const { sns, topicArn: ResourceArn } = scene;
  const Tags = [
    { Key: 'team', Value: 'red' },
    { Key: 'cost', Value: '1' },
  ];
  await sns.send(new TagResourceCommand({ ResourceArn, Tags }));
  await sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'team', Value: 'blue' }] }));
  await sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['cost'] }));
  const listed = await sns.send(new ListTagsForResourceCommand({ ResourceArn }));
  assert.deepEqual(listed.Tags, [{ Key: 'team', Value: 'blue' }]);
  await assert.rejects(
    sns.send(new ListTagsForResourceCommand({ ResourceArn: `${ResourceArn}-other` })),
    errorNamed('ResourceNotFound', /does not exist/),
  );
});
