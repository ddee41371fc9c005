import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SetSubscriptionAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer } from '../support/server.ts';

test('topics are created, listed, described, published to and deleted', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const run = (...args: string[]) => runCommand([...args, '--endpoint-url', server.endpoint]);
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:news';
  assert.equal((await run('topic', 'create', 'news')).output, `${TopicArn}\n`);
  const sqs = new SQSClient(clientOptions(server.endpoint));
  t.after(() => sqs.destroy());
  await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  const sns = new SNSClient(clientOptions(server.endpoint));
  t.after(() => sns.destroy());
  const { SubscriptionArn } = await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, ReturnSubscriptionArn: true }),
  );
  const FilterPolicy = JSON.stringify({ kind: ['greeting'] });
  await sns.send(
    new SetSubscriptionAttributesCommand({
      SubscriptionArn,
      AttributeName: 'FilterPolicy',
      AttributeValue: FilterPolicy,
    }),
  );
  assert.equal((await run('topic', 'ls')).output, 'news\t1\t0\n');
  const described = JSON.parse((await run('topic', 'info', 'news', '--json')).output) as object;
  assert.partialDeepStrictEqual(described, { TopicArn, Subscriptions: [{ Protocol: 'sqs', Endpoint }] });
  const published = await run('topic', 'publish', 'news', 'hello', '--attribute', 'kind=greeting');
  assert.match(published.output, /^[0-9a-f-]{36}\n$/, published.errors);
  // By its ARN, and filtered out.
  assert.equal((await run('topic', 'publish', TopicArn, 'other', '--attribute', 'kind=x')).code, 0);
  const received = await run('queue', 'receive', 'jobs', '--max', '10', '--wait', '5', '--json');
  const messages = JSON.parse(received.output) as readonly { readonly Body: string }[];
  assert.deepEqual(
    messages.map(({ Body }) => (JSON.parse(Body) as { Message: string }).Message),
    ['hello'],
  );
  const piped = await runCommand(
    ['topic', 'publish', 'news', '--json', '--endpoint-url', server.endpoint],
    {},
    { input: 'from a pipe' },
  );
  assert.match((JSON.parse(piped.output) as { MessageId: string }).MessageId, /^[0-9a-f-]{36}$/);
  const asked = await run('topic', 'rm', 'news');
  assert.deepEqual([asked.code, asked.output], [2, '']);
  assert.equal(
    asked.errors,
    `nagare: this deletes the topic news with 1 subscription\n  why: nothing was changed: --yes is missing\n  try: nagare topic rm news --endpoint-url ${server.endpoint} --yes\n`,
  );
  assert.equal((await run('topic', 'rm', 'news', '--yes')).output, 'news is deleted\n');
  const gone = await run('topic', 'publish', 'news', 'late');
  assert.deepEqual([gone.code, gone.errors], [4, 'nagare: there is no topic news\n  try: nagare topic ls\n']);
});

test('a FIFO topic is asked for by its name, and the server says that it has none', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const run = (...args: string[]) => runCommand(['topic', ...args, '--endpoint-url', server.endpoint]);
  assert.match((await run('create', 'orders.fifo')).errors, /FifoTopic/);
  await run('create', 'orders');
  const flags = ['--group', 'g', '--deduplication-id', 'd'];
  assert.match((await run('publish', 'orders', 'x', ...flags)).errors, /MessageDeduplicationId/);
});
