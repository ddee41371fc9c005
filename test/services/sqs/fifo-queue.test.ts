import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { QueueServer, TestQueue } from './queue.ts';

const sqs = new QueueServer();

async function newQueue(attributes: Partial<Record<QueueAttributeName, string>> = {}): Promise<TestQueue> {
  const given = { FifoQueue: 'true', ContentBasedDeduplication: 'true', ...attributes };
  return await sqs.newQueue(given);
}

/** Messages `g1-m1` in the group g1. */
async function sendAll(queue: TestQueue, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await queue.send(body, { MessageGroupId: body.split('-')[0] ?? '' });
}

// The orders are those that LocalStack's tests found on AWS (test_sqs.py, "aws validated").
describe('a FIFO queue', () => {
  it('receives as many messages of a group as it can, then those of the next one', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['g1-m1', 'g2-m1', 'g2-m2', 'g3-m1', 'g1-m2']);
    assert.deepEqual(await queue.bodies({ MaxNumberOfMessages: 3, VisibilityTimeout: 0 }), [
      'g1-m1',
      'g1-m2',
      'g2-m1',
    ]);
    assert.deepEqual(await queue.bodies({ VisibilityTimeout: 0 }), [
      'g3-m1',
      'g1-m1',
      'g1-m2',
      'g2-m1',
      'g2-m2',
    ]);
  });

  it('keeps a group back until all messages that were received are deleted', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['g1-m1', 'g2-m1', 'g1-m2', 'g2-m2', 'g1-m3', 'g3-m1']);
    const [first, second] = await queue.receive({ MaxNumberOfMessages: 2 });
    assert.deepEqual([first?.Body, second?.Body], ['g1-m1', 'g1-m2']);
    await queue.delete(first);
    assert.deepEqual(await queue.bodies(), ['g2-m1', 'g2-m2', 'g3-m1']);
    await queue.delete(second);
    assert.deepEqual(await queue.bodies(), ['g1-m3']);
  });

  it('receives a message again that became visible, although a later one of its group is in flight', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['g1-m1', 'g1-m2', 'g2-m1']);
    const [first] = await queue.receive({ MaxNumberOfMessages: 2 });
    await sqs.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queue.QueueUrl,
        ReceiptHandle: first?.ReceiptHandle,
        VisibilityTimeout: 0,
      }),
    );
    assert.deepEqual(await queue.bodies({ MaxNumberOfMessages: 3 }), ['g2-m1', 'g1-m1']);
  });

  it('sends a message once in five minutes, also across a restart and after it was deleted', async () => {
    const queue = await newQueue();
    const one = await queue.send('a', { MessageGroupId: 'g' });
    const [message] = await queue.receive({ MessageSystemAttributeNames: ['All'] });
    assert.equal(message?.Attributes?.MessageDeduplicationId, createHash('sha256').update('a').digest('hex'));
    assert.equal(message?.Attributes?.SequenceNumber, one.SequenceNumber);
    assert.match(one.SequenceNumber ?? '', /^\d{20}$/);
    await queue.delete(message);
    const two = await queue.send('a', { MessageGroupId: 'h' });
    assert.equal(two.MessageId, one.MessageId);
    await sqs.restart();
    const three = await queue.send('a', { MessageGroupId: 'g' });
    assert.deepEqual([three.MessageId, three.SequenceNumber], [one.MessageId, one.SequenceNumber]);
    assert.deepEqual(await queue.counts(), [0, 0, 0]);
  });

  it('deduplicates in a group alone if it is asked to, and within a batch', async () => {
    const queue = await newQueue({
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    const { Successful = [] } = await sqs.client.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.QueueUrl,
        Entries: ['g', 'h', 'g'].map((MessageGroupId, index) => ({
          Id: String(index),
          MessageBody: `m${index}`,
          MessageGroupId,
          MessageDeduplicationId: 'same',
        })),
      }),
    );
    assert.equal(Successful.length, 3);
    assert.equal(Successful[0]?.MessageId, Successful[2]?.MessageId);
    assert.deepEqual(await queue.counts(), [2, 0, 0]);
  });

  it('repeats a receive by its attempt id, with the same handles', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['g-1', 'g-2']);
    const attempt = { ReceiveRequestAttemptId: 'one' };
    const first = await queue.receive(attempt);
    assert.deepEqual(await queue.receive(attempt), first);
    await sqs.restart();
    assert.deepEqual(await queue.receive(attempt), first);
    assert.deepEqual(await queue.receive({ ReceiveRequestAttemptId: 'two' }), []);
    await queue.delete(first[0]);
  });

  it('refuses what only the other kind of queue has', async () => {
    const queue = await newQueue({ ContentBasedDeduplication: 'false' });
    await assert.rejects(queue.send('a'), {
      name: 'MissingParameter',
      message: 'The request must contain the parameter MessageGroupId.',
    });
    await assert.rejects(queue.send('a', { MessageGroupId: 'g' }), {
      name: 'InvalidParameterValue',
      message:
        'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    });
    await assert.rejects(
      queue.send('a', { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 2 }),
      {
        name: 'InvalidParameterValue',
        message:
          'Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.',
      },
    );
    const standard = await TestQueue.create(sqs.client, 'standard');
    await assert.rejects(standard.send('a', { MessageDeduplicationId: 'd' }), {
      name: 'InvalidParameterValue',
    });
    await standard.send('a', { MessageGroupId: 'g' });
    const [message] = await standard.receive({ MessageSystemAttributeNames: ['MessageGroupId'] });
    assert.deepEqual(message?.Attributes, { MessageGroupId: 'g' });
  });

  it('refuses a handle whose visibility timeout has ended', async () => {
    const queue = await newQueue();
    await sendAll(queue, ['g-1']);
    const [message] = await queue.receive({ VisibilityTimeout: 0 });
    await assert.rejects(queue.delete(message), {
      name: 'InvalidParameterValue',
      message: `Value ${message?.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    });
  });
});
