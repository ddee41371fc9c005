import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { QueueServer } from './queue.ts';

const sqs = new QueueServer();

function text(StringValue: string) {
  return { DataType: 'String', StringValue };
}

describe('a standard queue', () => {
  it('is named by the address of the client', async () => {
    assert.equal(new URL((await sqs.newQueue()).QueueUrl).origin, sqs.endpoint);
  });

  it('sends, receives and deletes, with digests that the SDK verifies', async () => {
    const queue = await sqs.newQueue();
    const MessageAttributes = {
      b: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2, 3]) },
      a: { DataType: 'String', StringValue: 'text' },
      n: { DataType: 'Number.int', StringValue: '17' },
    };
    const sent = await queue.send('héllo', {
      MessageAttributes,
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-a' } },
    });
    assert.equal(sent.MD5OfMessageBody, createHash('md5').update('héllo').digest('hex'));
    const [message] = await queue.receive({
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    });
    assert(message !== undefined);
    assert.equal(message.Body, 'héllo');
    assert.equal(message.MessageId, sent.MessageId);
    assert.equal(message.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    assert.deepEqual(message.MessageAttributes?.['a'], MessageAttributes.a);
    assert.deepEqual(
      Buffer.from(message.MessageAttributes?.['b']?.BinaryValue ?? []),
      Buffer.from([1, 2, 3]),
    );
    assert.equal(message.Attributes?.ApproximateReceiveCount, '1');
    assert.equal(message.Attributes?.AWSTraceHeader, 'Root=1-a');
    assert.equal(message.Attributes?.SenderId, '000000000000');
    assert.deepEqual(await queue.counts(), [0, 1, 0]);
    await queue.delete(message);
    assert.deepEqual(await queue.counts(), [0, 0, 0]);
  });

  // Digests and members as LocalStack's snapshots recorded them on AWS (test_receive_message_message_attribute_names_filters).
  it('returns the attributes that are asked for', async () => {
    const queue = await sqs.newQueue({ VisibilityTimeout: '0' });
    await queue.send('msg', {
      MessageAttributes: { Hello: text('There'), General: text('Kenobi'), 'Help.Me': text('Me') },
    });
    const digests = [];
    for (const MessageAttributeNames of [
      [],
      ['All'],
      ['.*'],
      ['Foo'],
      ['General', 'Hello'],
      ['Hello', 'x'],
      ['Hel.*'],
    ]) {
      const [message] = await queue.receive({ MessageAttributeNames });
      digests.push(message?.MD5OfMessageAttributes);
    }
    assert.deepEqual(digests, [
      undefined,
      '4c360f3fdafd970e05fae2f149d997f5',
      '4c360f3fdafd970e05fae2f149d997f5',
      undefined,
      'fca026605781cb4126a1e9044df24232',
      'a311262e065454b75da111d535b8dacd',
      '83fee93c1bcd8b9a5a923ffacdc636c7',
    ]);
  });

  it('wakes a long poll at once', async () => {
    const queue = await sqs.newQueue();
    const waiting = queue.receive({ WaitTimeSeconds: 20 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const begun = performance.now();
    await queue.send('a');
    assert.equal((await waiting)[0]?.Body, 'a');
    // Not at its end, when it looks once more.
    assert(performance.now() - begun < 15_000);
  });

  it('reports the entries of a batch that are invalid, and sends the others', async () => {
    const queue = await sqs.newQueue({ MaximumMessageSize: '1024' });
    const { Successful, Failed } = await sqs.client.send(
      new SendMessageBatchCommand({
        QueueUrl: queue.QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'fine' },
          { Id: 'b', MessageBody: 'x'.repeat(1025) },
          { Id: 'c', MessageBody: '\u0000' },
        ],
      }),
    );
    assert.deepEqual(
      Successful?.map(({ Id }) => Id),
      ['a'],
    );
    assert.deepEqual(
      Failed?.map(({ Id, Code, SenderFault }) => [Id, Code, SenderFault]),
      [
        ['b', 'InvalidParameterValue', true],
        ['c', 'InvalidMessageContents', true],
      ],
    );
    const [message] = await queue.receive();
    const handles = [
      { Id: '1', ReceiptHandle: message?.ReceiptHandle },
      { Id: '2', ReceiptHandle: 'forged' },
    ];
    const changed = await sqs.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: queue.QueueUrl,
        Entries: handles.map((entry) => ({ ...entry, VisibilityTimeout: 100 })),
      }),
    );
    assert.deepEqual(
      changed.Failed?.map(({ Id, Code }) => [Id, Code]),
      [['2', 'ReceiptHandleIsInvalid']],
    );
    const deleted = await sqs.client.send(
      new DeleteMessageBatchCommand({ QueueUrl: queue.QueueUrl, Entries: handles }),
    );
    assert.deepEqual(deleted.Successful, [{ Id: '1' }]);
    assert.equal(deleted.Failed?.length, 1);
  });

  it('takes messages of 1 MiB, and batches of 1 MiB, and no more', async () => {
    const queue = await sqs.newQueue();
    const MessageBody = 'x'.repeat(1024 * 1024);
    await queue.send(MessageBody);
    assert.equal((await queue.receive())[0]?.Body, MessageBody);
    await assert.rejects(queue.send(`${MessageBody}x`), {
      name: 'InvalidParameterValue',
      message: 'One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.',
    });
    const Entries = [
      { Id: '1', MessageBody },
      { Id: '2', MessageBody: 'x' },
    ];
    await assert.rejects(
      sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queue.QueueUrl, Entries })),
      {
        name: 'BatchRequestTooLong',
        message: 'Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.',
      },
    );
  });

  it('delays messages by their own delay or that of the queue', async () => {
    const queue = await sqs.newQueue({ DelaySeconds: '900' });
    await queue.send('later');
    await queue.send('now', { DelaySeconds: 0 });
    await queue.send('soon', { DelaySeconds: 4 });
    assert.deepEqual(
      (await queue.receive()).map(({ Body }) => Body),
      ['now'],
    );
    assert.deepEqual(await queue.counts(), [0, 1, 2]);
    assert.deepEqual(
      (await queue.receive({ WaitTimeSeconds: 20 })).map(({ Body }) => Body),
      ['soon'],
    );
  });

  it('changes the visibility of a message, to zero as well', async () => {
    const queue = await sqs.newQueue();
    await queue.send('a');
    const [first] = await queue.receive();
    const change = (VisibilityTimeout: number) =>
      sqs.client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queue.QueueUrl,
          ReceiptHandle: first?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );
    await assert.rejects(change(43_201), { name: 'InvalidParameterValue' });
    await change(0);
    const [second] = await queue.receive();
    assert.equal(second?.Body, 'a');
    // The older handle is no longer valid for this.
    await assert.rejects(change(10), { name: 'InvalidParameterValue' });
  });

  it('is purged once a minute', async () => {
    const queue = await sqs.newQueue();
    await queue.send('a');
    await sqs.client.send(new PurgeQueueCommand({ QueueUrl: queue.QueueUrl }));
    assert.deepEqual(await queue.counts(), [0, 0, 0]);
    await assert.rejects(sqs.client.send(new PurgeQueueCommand({ QueueUrl: queue.QueueUrl })), {
      name: 'PurgeQueueInProgress',
    });
  });

  it('has its messages and counts after a restart', async () => {
    const queue = await sqs.newQueue();
    await queue.send('a');
    await queue.send('b', { DelaySeconds: 900 });
    const [message] = await queue.receive();
    await sqs.restart();
    assert.deepEqual(await queue.counts(), [0, 1, 1]);
    await queue.delete(message);
    assert.deepEqual(await queue.counts(), [0, 0, 1]);
  });
});
