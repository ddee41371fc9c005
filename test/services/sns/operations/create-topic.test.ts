import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  ListTopicsCommand,
  paginateListTopics,
  SNSClient,
  TagResourceCommand,
} from '@aws-sdk/client-sns';
import { clientOptions, type TestServer } from '../../../support/server.ts';
import { errorNamed, openScene } from './scene.ts';

test('a topic is created once, however often it is requested', async () => {
  await using scene = await openScene();
  const { sns, server, topicArn } = scene;
  assert.equal(topicArn, 'arn:aws:sns:us-east-1:000000000000:news');
  await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await server.restart();
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  assert.deepEqual(Topics, [{ TopicArn: topicArn }]);
});

test('creating it with other attributes or tags is an error', async () => {
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

test('FIFO topics, encryption and invalid names are refused', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  const create = (Name: string, Attributes: Record<string, string> = {}): Promise<unknown> =>
    sns.send(new CreateTopicCommand({ Name, Attributes }));
  await assert.rejects(
    create('orders.fifo', { FifoTopic: 'true' }),
    /nagare does not support FIFO topics yet/,
  );
  await assert.rejects(create('orders.fifo'), /^InvalidParameterException: Invalid parameter: Topic Name$/);
  await assert.rejects(create('t', { KmsMasterKeyId: 'k' }), /the topic attribute KmsMasterKeyId/);
  await assert.rejects(create('t', { Nonsense: '1' }), /Invalid parameter: AttributeName/);
  await assert.rejects(create('no spaces'), errorNamed('InvalidParameter', /Topic Name/));
  await create('t', { FifoTopic: 'false' });
});

// LocalStack's snapshot TestSNSTopicCrud::test_tags.
test('a duplicate tag key is an error', async () => {
  await using scene = await openScene();
  const { sns, topicArn: ResourceArn } = scene;
  const Tags = [
    { Key: 'k1', Value: 'v1' },
    { Key: 'k1', Value: 'v2' },
  ];
  const expected = errorNamed('InvalidParameter', /Invalid parameter: Duplicated keys are not allowed\./);
  await assert.rejects(sns.send(new TagResourceCommand({ ResourceArn, Tags })), expected);
  await assert.rejects(sns.send(new CreateTopicCommand({ Name: 'twice', Tags })), expected);
});

// It made topics in its own region and listed those of the client's: they seemed to be gone.
test('clients of any region use the same topics', async () => {
  await using scene = await openScene();
  const { server, topicArn } = scene;
  using sns = clientOf(server, 'us-west-2');
  const { TopicArn = '' } = await sns.client.send(new CreateTopicCommand({ Name: 'west' }));
  assert.equal(TopicArn, 'arn:aws:sns:us-east-1:000000000000:west');
  const { Topics } = await sns.client.send(new ListTopicsCommand({}));
  assert.deepEqual(
    Topics?.map((topic) => topic.TopicArn),
    [topicArn, TopicArn],
  );
});

function clientOf(server: TestServer, region: string) {
  const client = new SNSClient({ ...clientOptions(server.endpoint), region });
  return { client, [Symbol.dispose]: () => client.destroy() };
}

test('a deleted topic is gone, and deleting it again succeeds', async () => {
  await using scene = await openScene();
  const { sns, topicArn: TopicArn } = scene;
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await sns.send(new DeleteTopicCommand({ TopicArn }));
  await assert.rejects(
    sns.send(new GetTopicAttributesCommand({ TopicArn })),
    errorNamed('NotFound', /Topic does not exist/),
  );
});

test('topics are listed a hundred per page', async () => {
  await using scene = await openScene();
  const { sns } = scene;
  await Promise.all(
    Array.from({ length: 120 }, (_, number) => sns.send(new CreateTopicCommand({ Name: `t-${number}` }))),
  );
  const pages: number[] = [];
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) pages.push(Topics.length);
  assert.deepEqual(pages, [100, 21]);
});
