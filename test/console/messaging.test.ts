/** Topics and queues in the console: which queues have dead letters, and the redrive of single ones. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import type { MessagingView } from '../../src/console/messaging.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { ConsoleClient } from './client.ts';

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

interface Batch {
  readonly Successful: readonly { readonly Id: string }[];
  readonly Failed: readonly { readonly Id: string; readonly Code: string; readonly Message: string }[];
}

describe('topics and queues', () => {
  let server: TestServer;
  let console: ConsoleClient;

  before(async () => {
    server = await startTestServer();
    console = new ConsoleClient(server.endpoint);
  });
  after(() => server.close());

  async function call<Output>(service: string, operation: string, input: object): Promise<Output> {
    const { status, content } = await console.post(`call/${service}/${operation}`, input);
    assert.equal(status, 200, JSON.stringify(content));
    return content as Output;
  }

  async function newQueue(QueueName: string, Attributes: object = {}): Promise<string> {
    return (await call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName, Attributes })).QueueUrl;
  }

  async function receive(QueueUrl: string) {
    const input = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 100 };
    const { Messages = [] } = await call<{
      Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[];
    }>('sqs', 'ReceiveMessage', input);
    return Messages;
  }

  test('queues with reports of mappings have dead letters, as those of queues', async () => {
    await newQueue('given-up');
    await newQueue('dead');
    await newQueue('work', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 1 }),
    });
    const code = zipSync({ 'index.mjs': Buffer.from('export const handler = () => {};') });
    await call('lambda', 'CreateFunction', {
      FunctionName: 'bill',
      Runtime: 'nodejs22.x',
      Role: 'arn:aws:iam::000000000000:role/r',
      Handler: 'index.handler',
      Code: { ZipFile: Buffer.from(code).toString('base64') },
    });
    await call('kinesis', 'CreateStream', { StreamName: 'orders', ShardCount: 1 });
    await call('lambda', 'CreateEventSourceMapping', {
      FunctionName: 'bill',
      EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
      StartingPosition: 'LATEST',
      DestinationConfig: { OnFailure: { Destination: arnOf('given-up') } },
    });
    await using events = await console.events();
    await events.subscribe('a', { topic: 'messaging' });
    const { queues } = await events.firstWith<MessagingView>('a', 'queues');
    const named = (is: (queue: (typeof queues)[number]) => boolean) =>
      queues.filter(is).map(({ name }) => name);
    assert.deepEqual(
      named(({ isDeadLetterQueue }) => isDeadLetterQueue),
      ['dead'],
    );
    assert.deepEqual(
      named(({ isFailureDestination }) => isFailureDestination),
      ['given-up'],
    );
  });

  test('subscriptions show their last attempts, with what was answered', async () => {
    const web = createServer((_request, response) => response.writeHead(404).end());
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    // A server that listens on a port has an address of that form.
    const { port } = web.address() as AddressInfo;
    await newQueue('inbox');
    const { TopicArn } = await call<{ TopicArn: string }>('sns', 'CreateTopic', { Name: 'news' });
    const subscribe = (Protocol: string, Endpoint: string) =>
      call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint });
    await subscribe('sqs', arnOf('inbox'));
    await subscribe('http', `http://127.0.0.1:${port}/hook`);
    await call('sns', 'Publish', { TopicArn, Message: 'hello' });
    await using events = await console.events();
    await events.subscribe('a', { topic: 'messaging' });
    const attemptsOf = (protocol: string) =>
      events.first('a', ({ topics = [] }) => {
        const [topic] = topics as MessagingView['topics'];
        return topic?.subscriptions.find((one) => one.protocol === protocol)?.attempts[0];
      });
    const delivered = await attemptsOf('sqs');
    assert.equal(delivered.outcome, 'Delivered');
    assert.ok(Math.abs(delivered.timeMs - Date.now()) < 60_000);
    // The message that asks for the confirmation.
    const refused = await attemptsOf('http');
    assert.deepEqual(
      [refused.outcome, refused.status, refused.reason],
      ['GivenUp', 404, 'the endpoint responded with status 404'],
    );
    web.close();
  });

  test('messages that were received are moved one by one; those that cannot be are there at once', async () => {
    const dead = await newQueue('some-dead');
    const work = await newQueue('some-work', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('some-dead'), maxReceiveCount: 1 }),
      VisibilityTimeout: '0',
    });
    for (const MessageBody of ['a', 'b']) await call('sqs', 'SendMessage', { QueueUrl: work, MessageBody });
    const input = { QueueUrl: work, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    for (let turn = 0; turn < 2; turn++) await call('sqs', 'ReceiveMessage', input);
    await call('sqs', 'SendMessage', { QueueUrl: dead, MessageBody: 'of nobody' });
    const letters = await receive(dead);
    assert.deepEqual(letters.map(({ Body }) => Body).toSorted(), ['a', 'b', 'of nobody']);
    const handleOf = (body: string) => letters.find(({ Body }) => Body === body)?.ReceiptHandle ?? '';
    const Entries = [
      { Id: 'first', ReceiptHandle: handleOf('a') },
      { Id: 'without', ReceiptHandle: handleOf('of nobody') },
      { Id: 'wrong', ReceiptHandle: 'wrong' },
    ];
    const moved = await call<Batch>('sqs', 'RedriveMessageBatch', { QueueUrl: dead, Entries });
    assert.deepEqual(moved.Successful, [{ Id: 'first' }]);
    const failed = Object.fromEntries(moved.Failed.map(({ Id, Message }) => [Id, Message]));
    assert.match(failed['without'] ?? '', /came from no queue/);
    assert.match(failed['wrong'] ?? '', /not a valid|invalid/i);
    assert.deepEqual(
      (await receive(work)).map(({ Body }) => Body),
      ['a'],
    );
    const again = await receive(dead);
    assert.deepEqual(
      again.map(({ Body }) => Body),
      ['of nobody'],
    );
    const DestinationArn = arnOf('some-work');
    const entry = { Id: 'to', ReceiptHandle: again[0]?.ReceiptHandle };
    const { Successful } = await call<Batch>('sqs', 'RedriveMessageBatch', {
      QueueUrl: dead,
      Entries: [entry],
      DestinationArn,
    });
    assert.equal(Successful.length, 1);
    // Its handle is of the past.
    const { Failed } = await call<Batch>('sqs', 'RedriveMessageBatch', { QueueUrl: dead, Entries: [entry] });
    assert.equal(Failed.length, 1);
    assert.deepEqual(
      (await receive(work)).map(({ Body }) => Body),
      ['of nobody'],
    );
  });
});
