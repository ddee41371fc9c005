/** What the server does by itself belongs to the trace of what has caused it, across services and restarts. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { traceOfXray } from '../../src/support/trace-context.ts';
import { Subscriber } from '../services/sns/subscriber.ts';
import {
  type Collector,
  otlpTo,
  type SpanReceived,
  startCollector,
  undocumented,
} from '../support/collector.ts';
import { declared } from '../support/declarations.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { withHeaders } from '../support/client.ts';
import { removeFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const arnOf = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const urlOf = (server: TestServer, queue: string) => `${server.endpoint}/000000000000/${queue}`;

let traces = 0;

/** The id of a trace that nothing else has, and the header with which a recorded caller names it. */
function newTrace() {
  const traceId = `0af7651916cd43dd8448eb21${(++traces).toString(16).padStart(8, '0')}`;
  return { traceId, headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } };
}

type ClientClass<Client> = new (options: ReturnType<typeof clientOptions>) => Client;

function clientOf<Client extends { readonly middlewareStack: object; destroy(): void }>(
  t: TestContext,
  Class: ClientClass<Client>,
  server: TestServer,
  headers: Record<string, string> = {},
): Client {
  const client = withHeaders(new Class(clientOptions(server.endpoint)), headers);
  t.after(() => client.destroy());
  return client;
}

/** The spans of a trace from the last one back to the first, whose parent is the caller's. */
function path(traceId: string, last: string): string[] | undefined {
  const spans = collector.spans().filter((span) => span.traceId === traceId);
  const names: string[] = [];
  for (let span = spans.find(({ name }) => name === last); span !== undefined;) {
    names.unshift(span.name);
    const { parentSpanId }: SpanReceived = span;
    if (parentSpanId === 'b7ad6b7169203331') return names;
    span = spans.find(({ spanId }) => spanId === parentSpanId);
  }
  return undefined;
}

const spanOf = (id: string, called: string) =>
  collector.spans().find(({ traceId, name }) => traceId === id && name === called);

async function receive(sqs: SQSClient, server: TestServer, queue: string): Promise<Message> {
  const QueueUrl = urlOf(server, queue);
  const input = { QueueUrl, MessageSystemAttributeNames: ['All' as const], WaitTimeSeconds: 1 };
  return await until(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    return Messages[0];
  });
}

const traceOf = ({ Attributes }: Message) => traceOfXray(Attributes?.AWSTraceHeader ?? '');

/** Makes a call within its trace, as the AWS SDKs do by themselves, so that the trace has a last span. */
const calling = `export const handler = async () => {
  const headers = { 'x-amzn-trace-id': process.env._X_AMZN_TRACE_ID };
  await fetch(process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions', { headers });
};`;
const failing = `export const handler = async () => { throw new Error('no'); };`;

const alarm = {
  comparisonOperator: 'GreaterThanThreshold',
  metricName: 'm',
  namespace: 'n',
  period: 60,
  statistic: 'Sum',
  threshold: 1,
};

function everything(folder: string, subscriber: string) {
  // Time enough on a busy machine: an asynchronous invocation that times out is repeated only after a minute.
  const calling = { path: join(folder, 'calling.mjs'), timeout: 30 };
  const failing = { path: join(folder, 'failing.mjs'), timeout: 30 };
  const deliveryPolicy = { healthyRetryPolicy: { numRetries: 100, minDelayTarget: 1, maxDelayTarget: 1 } };
  return {
    streams: { s: { shardCount: 1 } },
    queues: { failures: {}, done: {}, alerts: {}, batches: {} },
    topics: {
      news: { subscriptions: [{ protocol: 'lambda', endpoint: 'later' }] },
      ops: { subscriptions: [{ protocol: 'sqs', endpoint: 'alerts' }] },
      web: { subscriptions: [{ protocol: 'http', endpoint: subscriber, deliveryPolicy }] },
    },
    alarms: { hot: { ...alarm, alarmActions: ['ops'] } },
    functions: {
      first: {
        ...failing,
        eventSources: [
          { stream: 's', batchSize: 1, maximumRetryAttempts: 0, onFailure: arnOf('sqs', 'failures') },
        ],
      },
      last: { ...calling, eventSources: [{ queue: 'failures', batchSize: 1 }] },
      later: { ...calling, eventInvokeConfig: { onSuccess: arnOf('sqs', 'done') } },
      never: { ...failing, eventInvokeConfig: { maximumRetryAttempts: 0 } },
      batched: {
        ...calling,
        eventSources: [{ queue: 'batches', batchSize: 3, maximumBatchingWindowInSeconds: 10 }],
      },
    },
  };
}

const opened: (() => Promise<unknown>)[] = [];
let collector: Collector;
let subscriber: Subscriber;
let server: TestServer;

before(async () => {
  collector = await startCollector();
  subscriber = await Subscriber.listen();
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'calling.mjs'), calling);
  await writeFile(join(folder, 'failing.mjs'), failing);
  server = await startTestServer({
    otlp: otlpTo(collector, { ratio: 0 }),
    functionIsolation: 'off',
    declarations: declared(everything(folder, subscriber.url)),
  });
  opened.push(
    () => removeFolder(folder),
    () => collector.close(),
    () => subscriber.close(),
    () => server.close(),
  );
});

after(async () => {
  for (const close of opened.toReversed()) await close();
});

test('a put, a function that fails, the queue of failures and its function are one trace', async (t) => {
  const { traceId, headers } = newTrace();
  const kinesis = clientOf(t, KinesisClient, server, headers);
  const Data = Buffer.from('secret');
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data }));
  await until(() => path(traceId, 'Lambda/ListFunctions'));
  const names = [
    'Kinesis/PutRecord',
    'process s',
    'send failures',
    'process failures',
    'Lambda/ListFunctions',
  ];
  assert.deepEqual(path(traceId, 'Lambda/ListFunctions'), names);
  const sent = spanOf(traceId, 'send failures');
  assert.equal(sent?.kind, 4);
  assert.equal(sent.attributes['nagare.sender'], arnOf('lambda', 'function:first'));
  assert.equal(sent.attributes['messaging.system'], 'aws_sqs');
  const processed = spanOf(traceId, 'process failures');
  assert.equal(processed?.kind, 5);
  assert.equal(processed.attributes['faas.invoked_name'], 'last');
  assert.equal(processed.attributes['messaging.batch.message_count'], 1);
  assert.deepEqual(
    processed.links?.map(({ spanId }) => spanId),
    [sent.spanId],
  );
  const failed = spanOf(traceId, 'process s');
  assert.deepEqual(failed?.status, { code: 2, message: 'Function call failed' });
  assert.ok(!JSON.stringify(collector.spans()).includes('secret'));
});

test('a topic, its queue, an asynchronous invocation and its destination are one trace', async (t) => {
  const { traceId, headers } = newTrace();
  const sns = clientOf(t, SNSClient, server, headers);
  await sns.send(new PublishCommand({ TopicArn: arnOf('sns', 'news'), Message: 'm' }));
  const names = await until(() => path(traceId, 'send done'));
  assert.deepEqual(names, ['SNS/Publish', 'send later', 'invoke later', 'send done']);
  const invoked = spanOf(traceId, 'invoke later');
  assert.equal(invoked?.kind, 3);
  assert.equal(invoked.attributes['nagare.attempt'], 1);
  const called = await until(() => path(traceId, 'Lambda/ListFunctions'));
  assert.deepEqual(called.slice(-2), ['invoke later', 'Lambda/ListFunctions']);
  const sent = spanOf(traceId, 'send done');
  const message = await receive(clientOf(t, SQSClient, server), server, 'done');
  assert.deepEqual(traceOf(message), { ...traceOf(message), traceId, spanId: sent?.spanId, isSampled: true });
});

test('an alarm whose state a request sets, its topic and its queue are one trace', async (t) => {
  const { traceId, headers } = newTrace();
  const cloudWatch = clientOf(t, CloudWatchClient, server, headers);
  const input = { AlarmName: 'hot', StateValue: 'ALARM', StateReason: 'r' } as const;
  await cloudWatch.send(new SetAlarmStateCommand(input));
  const names = await until(() => path(traceId, 'send alerts'));
  assert.deepEqual(names, ['CloudWatch/SetAlarmState', 'send ops', 'send alerts']);
  assert.equal(traceOf(await receive(clientOf(t, SQSClient, server), server, 'alerts'))?.traceId, traceId);
});

test('what waits for its delivery keeps its trace across a restart, and endpoints get it', async (t) => {
  const { traceId, headers } = newTrace();
  const sns = clientOf(t, SNSClient, server, { ...headers, tracestate: 'vendor=1' });
  const TopicArn = arnOf('sns', 'web');
  await until(async () => {
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    return Subscriptions[0]?.SubscriptionArn?.startsWith(TopicArn);
  });
  subscriber.answers = Array.from({ length: 100 }, () => 503);
  await sns.send(new PublishCommand({ TopicArn, Message: 'm' }));
  await subscriber.until('Notification', 1);
  await server.restart();
  subscriber.answers = [];
  const delivered = await until(() =>
    collector.spans().find(({ name, status }) => name === 'send web' && status === undefined),
  );
  assert.equal(delivered.traceId, traceId);
  const failed = spanOf(traceId, 'send web');
  assert.deepEqual(failed?.status, { code: 2, message: '503' });
  assert.equal(failed.attributes['http.response.status_code'], 503);
  const published = spanOf(traceId, 'SNS/Publish')?.spanId;
  assert.deepEqual([failed.parentSpanId, delivered.parentSpanId], [published, published]);
  const post = subscriber.of('Notification').at(-1);
  assert.equal(post?.headers['traceparent'], `00-${traceId}-${delivered.spanId}-01`);
  assert.equal(post.headers['tracestate'], 'vendor=1');
  assert.equal(traceOfXray(String(post.headers['x-amzn-trace-id']))?.spanId, delivered.spanId);
});

const header = (traceId: string, isSampled: boolean) => ({
  AWSTraceHeader: {
    DataType: 'String',
    StringValue: `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=b7ad6b7169203331;Sampled=${isSampled ? 1 : 0}`,
  },
});

test('a batch of messages from several traces has a trace of its own, with links to them', async (t) => {
  const [one, two] = [newTrace(), newTrace()];
  const sqs = clientOf(t, SQSClient, server);
  const Entries = [header(one.traceId, true), header(two.traceId, true), header(newTrace().traceId, false)];
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: urlOf(server, 'batches'),
      Entries: Entries.map((MessageSystemAttributes, at) => ({
        Id: `${at}`,
        MessageBody: 'm',
        MessageSystemAttributes,
      })),
    }),
  );
  const processed = await until(() => collector.spans().find(({ name }) => name === 'process batches'));
  assert.deepEqual(
    new Set(processed.links?.map(({ traceId }) => traceId)),
    new Set([one.traceId, two.traceId]),
  );
  assert.equal(processed.parentSpanId, undefined);
  assert.equal(processed.attributes['messaging.batch.message_count'], 3);
  await until(() =>
    collector
      .spans()
      .some(({ name, parentSpanId }) => name === 'Lambda/ListFunctions' && parentSpanId === processed.spanId),
  );
});

test('without an endpoint, messages carry the trace of their sender, as on AWS', async (t) => {
  await using server = await startTestServer({ declarations: declared({ queues: { q: {} } }) });
  const { traceId, headers } = newTrace();
  const QueueUrl = urlOf(server, 'q');
  const reader = clientOf(t, SQSClient, server);
  const xray = `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=b7ad6b7169203331;Sampled=1`;
  const sent = async (given: Record<string, string>, attribute?: string) => {
    const MessageSystemAttributes = {
      ...(attribute !== undefined && { AWSTraceHeader: { DataType: 'String', StringValue: attribute } }),
    };
    const sqs = clientOf(t, SQSClient, server, given);
    const input = { QueueUrl, MessageBody: 'm', MessageSystemAttributes };
    const { MD5OfMessageSystemAttributes: digest } = await sqs.send(new SendMessageCommand(input));
    assert.equal(digest !== undefined, attribute !== undefined);
    const { Attributes } = await receive(reader, server, 'q');
    return Attributes?.AWSTraceHeader;
  };
  assert.equal(await sent({}), undefined);
  assert.equal(await sent({ 'x-amzn-trace-id': xray }), xray);
  assert.equal(await sent(headers), xray);
  // The attribute counts before the header.
  assert.equal(
    await sent(headers, 'Root=1-5759e988-bd862e3fe1be46a994272793'),
    'Root=1-5759e988-bd862e3fe1be46a994272793',
  );
});

test('an asynchronous invocation has a span for each attempt', async (t) => {
  const { traceId, headers } = newTrace();
  const lambda = clientOf(t, LambdaClient, server, headers);
  await lambda.send(new InvokeCommand({ FunctionName: 'never', InvocationType: 'Event' }));
  const names = await until(() => path(traceId, 'invoke never'));
  assert.deepEqual(names, ['Lambda/Invoke', 'invoke never']);
  const span = spanOf(traceId, 'invoke never');
  assert.deepEqual(span?.status, { code: 2, message: 'Unhandled' });
});

test('the documentation names all attributes', () => {
  assert.deepEqual(undocumented(collector.spans()), []);
});
