import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  paginateListTopics,
} from '@aws-sdk/client-sns';
import { errorNamed, openScene } from './scene.ts';

test('a topic is created once, however often it is asked for', async () => {
  await using scene = await openScene();
  const { sns, server, topicArn } = scene;
  assert.equal(topicArn, 'arn:aws:sns:us-east-1:000000000000:news');
  await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await server.restart();
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  assert.deepEqual(Topics, [{ TopicArn: topicArn }]);
});

test('asking for it with other attributes or tags than it has is an error', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  const Tags = [{ Key: 'team', Value: 'red' }];
  await sns.send(new CreateTopicCommand({ Name: 't', Attributes: { DisplayName: 'a' }, Tags }));
  await sns.send(new CreateTopicCommand({ Name: 't', Attributes: { DisplayName: 'a' } }));
  await assert.rejects(
    sns.send(new CreateTopicCommand({ Name: 't', Attributes: { DisplayName: 'b' } })),
    errorNamed('InvalidParameter', /Topic already exists with different attributes/),
  );
  await assert.rejects(
    sns.send(new CreateTopicCommand({ Name: 't', Tags: [{ Key: 'team', Value: 'blue' }] })),
    errorNamed('InvalidParameter', /Topic already exists with different tags/),
  );
});

test('FIFO topics, encryption and names that are none are refused', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  const create = (Name: string, Attributes: Record<string, string> = {}): Promise<unknown> =>
    sns.send(new CreateTopicCommand({ Name, Attributes }));
  await assert.rejects(
    create('orders.fifo', { FifoTopic: 'true' }),
    /nagare does not support FIFO topics yet/,
  );
  await assert.rejects(create('orders.fifo'), /nagare does not support FIFO topics yet/);
  await assert.rejects(create('t', { KmsMasterKeyId: 'k' }), /the topic attribute KmsMasterKeyId/);
  await assert.rejects(create('t', { Nonsense: '1' }), /Invalid parameter: AttributeName/);
  await assert.rejects(create('no spaces'), errorNamed('InvalidParameter', /Topic Name/));
  await create('t', { FifoTopic: 'false' });
});

test('a deleted topic is gone, and deleting it again is no error', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await assert.rejects(
    sns.send(new GetTopicAttributesCommand({ TopicArn })),
    errorNamed('NotFound', /Topic does not exist/),
  );
});

test('topics are listed a hundred a page', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  await Promise.all(
    Array.from({ length: 120 }, (_, number) => sns.send(new CreateTopicCommand({ Name: `t-${number}` }))),
  );
  const pages: number[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) pages.push(Topics.length);
  assert.deepEqual(pages, [100, 21]);
});
