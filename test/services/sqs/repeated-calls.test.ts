/** Calls that an SDK repeats because it has not seen the response: they have one invocation id. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message } from '@aws-sdk/client-sqs';
import { signedFor } from '../../support/admission.ts';
import { QueueServer } from './queue.ts';

const sqs = new QueueServer();
const ID = '6f1c2a0e-98c1-4b54-9c0e-0c4f5a1d2b3c';

async function call(
  operation: string,
  input: object,
  invocationId = ID,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(sqs.endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
      'amz-sdk-invocation-id': invocationId,
      ...headers,
    },
    body: JSON.stringify(input),
  });
  assert.equal(response.status, 200);
  return await response.json();
}

describe('a receive of a FIFO queue that is repeated', () => {
  it('gets the same messages, also after a restart, until they are deleted', async () => {
    const queue = await sqs.newQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await queue.send('one', { MessageGroupId: 'g' });
    const input = { QueueUrl: queue.QueueUrl, MaxNumberOfMessages: 10 };
    const first = await call('ReceiveMessage', input);
    assert.deepEqual(await call('ReceiveMessage', input), first);
    await sqs.restart();
    assert.deepEqual(await call('ReceiveMessage', input), first);
    const { Messages } = first as { Messages: Message[] };
    assert.equal(Messages[0]?.Body, 'one');
    for (const message of Messages) await queue.delete(message);
    assert.deepEqual(await call('ReceiveMessage', input), {});
    await queue.send('two', { MessageGroupId: 'g' });
    const next = (await call('ReceiveMessage', input)) as { Messages: Message[] };
    assert.equal(next.Messages[0]?.Body, 'two');
  });
});

describe('a send that is repeated', () => {
  it('is stored once, with the first response, also after a restart', async () => {
    const queue = await sqs.newQueue();
    const input = { QueueUrl: queue.QueueUrl, MessageBody: 'once' };
    const first = await call('SendMessage', input);
    assert.deepEqual(await call('SendMessage', input), first);
    await sqs.restart();
    assert.deepEqual(await call('SendMessage', input), first);
    assert.deepEqual(await queue.counts(), [1, 0, 0]);
    const [message] = await queue.receive();
    assert.equal(message?.MessageId, (first as { MessageId: string }).MessageId);
    await queue.delete(message);
    assert.deepEqual(await call('SendMessage', input), first);
    assert.deepEqual(await queue.counts(), [0, 0, 0]);
  });

  it('is stored once while the first one is under way', async () => {
    const queue = await sqs.newQueue();
    const input = { QueueUrl: queue.QueueUrl, MessageBody: 'once' };
    const responses = await Promise.all(Array.from({ length: 5 }, () => call('SendMessage', input)));
    for (const response of responses) assert.deepEqual(response, responses[0]);
    assert.deepEqual(await queue.counts(), [1, 0, 0]);
  });

  it('has each message of its batch, equal ones too, in all logs of the queue', async () => {
    const queue = await sqs.newQueue();
    const Entries = [
      { Id: 'a', MessageBody: 'same' },
      { Id: 'b', MessageBody: 'same' },
      { Id: 'c', MessageBody: 'same', MessageGroupId: 'g' },
      { Id: 'd', MessageBody: 'same', DelaySeconds: 60 },
      { Id: 'wrong', MessageBody: 'same', DelaySeconds: 901 },
    ];
    const input = { QueueUrl: queue.QueueUrl, Entries };
    const first = (await call('SendMessageBatch', input)) as { Successful: { MessageId: string }[] };
    assert.deepEqual(await call('SendMessageBatch', input), first);
    assert.equal(new Set(first.Successful.map(({ MessageId }) => MessageId)).size, 4);
    assert.deepEqual(await queue.counts(), [3, 0, 1]);
  });

  it('is stored once although each request has a span of its own', async () => {
    const queue = await sqs.newQueue();
    const input = { QueueUrl: queue.QueueUrl, MessageBody: 'once' };
    const root = 'Root=1-0af76519-16cd43dd8448eb211c80319c';
    for (const parent of ['b7ad6b7169203331', '00f067aa0ba902b7']) {
      const headers = { 'x-amzn-trace-id': `${root};Parent=${parent};Sampled=1` };
      await call('SendMessage', input, ID, headers);
    }
    assert.deepEqual(await queue.counts(), [1, 0, 0]);
  });

  it('is another one with another invocation id, other contents, or another queue', async () => {
    const queue = await sqs.newQueue();
    const input = { QueueUrl: queue.QueueUrl, MessageBody: 'one' };
    await call('SendMessage', input);
    await call('SendMessage', input, '7f1c2a0e-98c1-4b54-9c0e-0c4f5a1d2b3c');
    await call('SendMessage', { ...input, MessageBody: 'two' });
    const MessageAttributes = { a: { DataType: 'String', StringValue: 'b' } };
    await call('SendMessage', { ...input, MessageAttributes });
    assert.deepEqual(await queue.counts(), [4, 0, 0]);
    const other = await sqs.newQueue();
    await call('SendMessage', { ...input, QueueUrl: other.QueueUrl });
    assert.deepEqual(await other.counts(), [1, 0, 0]);
  });
});
