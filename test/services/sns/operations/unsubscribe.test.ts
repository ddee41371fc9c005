import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteTopicCommand,
  ListSubscriptionsCommand,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { errorNamed, openScene, READER } from './scene.ts';

// The second one was NotFound once: a clean-up that is repeated, or comes after its topic, failed here alone.
test('ending a missing subscription succeeds: ended before, deleted with its topic, or never created', async () => {
  await using scene = await openScene();
  const { sns, topicArn } = scene;
  const subscribe = async (Endpoint: string): Promise<string> => {
    const wanted = { TopicArn: topicArn, Protocol: 'lambda', Endpoint };
    return (await sns.send(new SubscribeCommand(wanted))).SubscriptionArn ?? '';
  };
  const unsubscribe = (SubscriptionArn: string) => sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  const one = await subscribe(READER);
  await unsubscribe(one);
  assert.deepEqual((await sns.send(new ListSubscriptionsCommand({}))).Subscriptions, []);
  await unsubscribe(one);
  const another = await subscribe(READER);
  await sns.send(new DeleteTopicCommand({ TopicArn: topicArn }));
  await unsubscribe(another);
  await unsubscribe(`${topicArn}:00000000-0000-0000-0000-000000000000`);
});

test('an invalid subscription ARN is refused', async () => {
  await using scene = await openScene();
  const unsubscribe = (SubscriptionArn: string) =>
    scene.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
  await assert.rejects(unsubscribe('PendingConfirmation'), errorNamed('InvalidParameter', /SubscriptionArn/));
  await assert.rejects(unsubscribe('arn:aws:sns:us-east-1:random'), /must have at least 6 elements, not 5/);
  // LocalStack's snapshot test_unsubscribe_wrong_arn_format.
  const wrongId = errorNamed('InvalidParameter', /^Invalid parameter: SubscriptionId$/);
  await assert.rejects(unsubscribe(scene.topicArn), wrongId);
  await assert.rejects(unsubscribe(`${scene.topicArn}:badid`), wrongId);
});
