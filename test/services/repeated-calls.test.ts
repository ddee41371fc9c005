import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test, type TestContext } from 'node:test';
import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { TestQueue } from './sqs/queue.ts';
import { createFunction } from './lambda/lambda-server.ts';

/**
 * An SDK that loses a response, as when a server is killed, repeats the call with the same `amz-sdk-invocation-id`. Puts
 * into streams and queues were recognized then; messages, events, samples and log events were taken twice.
 */
async function setup(t: TestContext) {
  const server = await startTestServer();
  t.after(() => server.close());
  let invocationId = randomUUID();
  const named = <Client extends SNSClient | LambdaClient | CloudWatchClient | CloudWatchLogsClient>(
    client: Client,
  ): Client => {
    t.after(() => client.destroy());
    client.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['amz-sdk-invocation-id'] = invocationId;
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    return client;
  };
  return {
    options: clientOptions(server.endpoint),
    named,
    anotherCall: () => (invocationId = randomUUID()),
  };
}

test('a message that is published again by the same call is delivered once', async (t) => {
  const { options, named, anotherCall } = await setup(t);
  const [sns, sqs] = [named(new SNSClient(options)), new SQSClient(options)];
  t.after(() => sqs.destroy());
  const queue = await TestQueue.create(sqs, 'inbox');
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:inbox',
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  anotherCall();
  const publish = () => sns.send(new PublishCommand({ TopicArn, Message: 'one' }));
  const [first, again] = [await publish(), await publish()];
  assert.equal(again.MessageId, first.MessageId);
  await sns.send(new PublishCommand({ TopicArn, Message: 'of another call with the same id' }));
  anotherCall();
  const entries = ['a', 'b'].map((Id) => ({ Id, Message: 'in a batch' }));
  const batch = () => sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  const [firstBatch, batchAgain] = [await batch(), await batch()];
  assert.deepEqual(batchAgain.Successful, firstBatch.Successful);
  assert.equal(new Set(firstBatch.Successful?.map(({ MessageId }) => MessageId)).size, 2);
  anotherCall();
  await sns.send(new PublishCommand({ TopicArn, Message: 'last' }));
  const bodies: string[] = [];
  while (bodies.length < 5) {
    for (const message of await queue.receive({ WaitTimeSeconds: 20 })) bodies.push(message.Body ?? '');
  }
  const expected = ['one', 'of another call with the same id', 'in a batch', 'in a batch', 'last'];
  assert.deepEqual(bodies.toSorted(), expected.toSorted());
});

test('an event that is sent again by the same call runs its function once', async (t) => {
  const { options, named, anotherCall } = await setup(t);
  const [lambda, logs] = [named(new LambdaClient(options)), new CloudWatchLogsClient(options)];
  t.after(() => logs.destroy());
  const source = 'export const handler = async ({ n }) => console.log(`handled ${n}`);';
  await createFunction({ client: lambda }, 'noting', source);
  const send = (n: number) =>
    lambda.send(
      new InvokeCommand({ FunctionName: 'noting', InvocationType: 'Event', Payload: JSON.stringify({ n }) }),
    );
  anotherCall();
  for (const _ of ['first', 'again']) assert.equal((await send(1)).StatusCode, 202);
  anotherCall();
  await send(2);
  const handled = await until(async () => {
    const { events = [] } = await logs
      .send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/noting', filterPattern: 'handled' }))
      .catch(() => ({ events: [] }));
    const found = events.flatMap(({ message }) => /handled \d/.exec(message ?? '') ?? []);
    return found.includes('handled 2') && found.length >= 2 && found;
  });
  assert.deepEqual(handled.map(String).toSorted(), ['handled 1', 'handled 2']);
});

test('samples that are put again by the same call count once', async (t) => {
  const { options, named, anotherCall } = await setup(t);
  const cloudWatch = named(new CloudWatchClient(options));
  const metric = { Namespace: 'App', MetricName: 'Orders' };
  const put = (Value: number) =>
    cloudWatch.send(
      new PutMetricDataCommand({ Namespace: 'App', MetricData: [{ MetricName: 'Orders', Value }] }),
    );
  for (const _ of ['first', 'again']) await put(1);
  anotherCall();
  await Promise.all([put(10), put(10), put(10)]);
  anotherCall();
  await put(100);
  const nowMs = Date.now();
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...metric,
      StartTime: new Date(nowMs - 3_600_000),
      EndTime: new Date(nowMs + 3_600_000),
      Period: 86_400,
      Statistics: ['Sum', 'SampleCount'],
    }),
  );
  const sum = (of: 'Sum' | 'SampleCount') => Datapoints.reduce((all, point) => all + (point[of] ?? 0), 0);
  assert.deepEqual([sum('Sum'), sum('SampleCount')], [111, 3]);
});

test('log events that are put again by the same call are stored once', async (t) => {
  const { options, named, anotherCall } = await setup(t);
  const logs = named(new CloudWatchLogsClient(options));
  const place = { logGroupName: '/app', logStreamName: 'one' };
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app' }));
  await logs.send(new CreateLogStreamCommand(place));
  const timestamp = Date.now();
  const put = (...messages: string[]) =>
    logs.send(
      new PutLogEventsCommand({ ...place, logEvents: messages.map((message) => ({ timestamp, message })) }),
    );
  anotherCall();
  for (const _ of ['first', 'again']) await put('a', 'b');
  await put('of another call with the same id');
  anotherCall();
  await Promise.all([put('a'), put('a'), put('a')]);
  anotherCall();
  await put('a');
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/app' }));
  assert.deepEqual(
    events.map(({ message }) => message),
    ['a', 'b', 'of another call with the same id', 'a', 'a'],
  );
});
