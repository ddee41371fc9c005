/** What clients must not be able to do to queues: by handles, by messages that always fail, by waiting. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
} from '@aws-sdk/client-sqs';
import { runSeed, seededPick } from '../../support/random.ts';
import { QueueServer, type TestQueue } from './queue.ts';

const sqs = new QueueServer();

/** Neither deletes nor changes anything by this handle. */
async function assertRefused(queue: TestQueue, ReceiptHandle: string): Promise<void> {
  const { QueueUrl } = queue;
  const invalid = { name: 'ReceiptHandleIsInvalid' };
  await assert.rejects(queue.delete({ ReceiptHandle }), invalid);
  const change = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
  await assert.rejects(sqs.client.send(new ChangeMessageVisibilityCommand(change)), invalid);
  const Entries = [{ Id: 'a', ReceiptHandle }];
  const { Failed } = await sqs.client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  assert.deepEqual(
    Failed?.map(({ Code }) => Code),
    ['ReceiptHandleIsInvalid'],
  );
}

describe('receipt handles', () => {
  it('that were forged or altered are refused, and change nothing', async () => {
    const queue = await sqs.newQueue();
    for (let n = 0; n < 5; n++) await queue.send(`m${n}`);
    const [message] = await queue.receive({ MaxNumberOfMessages: 1 });
    const handle = message?.ReceiptHandle ?? '';
    const seed = runSeed();
    console.log(`SEED=${seed}`);
    const pick = seededPick(seed);
    const altered = Array.from({ length: 8 }, () => {
      const bytes = Buffer.from(handle, 'base64url');
      bytes[Math.floor(pick(16))] = pick(256);
      const text = bytes.toString('base64url');
      return text === handle ? 'x' : text;
    });
    const forged = [
      ...altered,
      randomBytes(16).toString('base64url'),
      randomBytes(16).toString('base64'),
      handle.slice(1),
      `${handle}A`,
      `${handle} `,
      `${handle.slice(0, -1)}ÿ`,
      '😀'.repeat(11),
      '0'.repeat(22),
      'A'.repeat(100_000),
    ];
    for (const one of forged) await assertRefused(queue, one);
    assert.deepEqual(await queue.counts(), [4, 1, 0]);
    await queue.delete(message);
    assert.deepEqual(await queue.counts(), [4, 0, 0]);
  });

  it('of another queue are refused, also where a message has the same place', async () => {
    const [one, other] = [await sqs.newQueue(), await sqs.newQueue()];
    for (const queue of [one, other]) await queue.send('a');
    const [[mine], [theirs]] = [await one.receive(), await other.receive()];
    await assertRefused(other, mine?.ReceiptHandle ?? '');
    await assertRefused(one, theirs?.ReceiptHandle ?? '');
    assert.deepEqual(
      [await one.counts(), await other.counts()],
      [
        [0, 1, 0],
        [0, 1, 0],
      ],
    );
  });

  it('from before a restart delete their message, and no other one', async () => {
    for (const attributes of [{}, { FifoQueue: 'true', ContentBasedDeduplication: 'true' }]) {
      const queue = await sqs.newQueue(attributes);
      const group = 'FifoQueue' in attributes ? { MessageGroupId: 'g' } : {};
      for (const body of ['a', 'b', 'c']) await queue.send(body, group);
      const received = await queue.receive();
      await sqs.restart();
      await queue.delete(received.find(({ Body }) => Body === 'b'));
      assert.deepEqual(await queue.counts(), [0, 2, 0]);
      for (const message of received) await queue.delete(message);
      assert.deepEqual(await queue.counts(), [0, 0, 0]);
    }
  });
});

describe('messages that always fail', () => {
  it('do not keep others waiting in a standard queue', async () => {
    const queue = await sqs.newQueue({ VisibilityTimeout: '0' });
    for (let n = 0; n < 30; n++) await queue.send('poison');
    for (let n = 0; n < 10; n++) await queue.receive();
    for (let n = 0; n < 10; n++) await queue.send(`good ${n}`);
    const good = new Set<string>();
    for (let n = 0; n < 8 && good.size < 10; n++) {
      for (const message of await queue.receive()) {
        if (message.Body === 'poison') continue;
        good.add(message.Body ?? '');
        await queue.delete(message);
      }
    }
    assert.equal(good.size, 10);
    assert.deepEqual(await queue.counts(), [30, 0, 0]);
  });

  it('and a long backlog of one group do not keep other groups waiting', async () => {
    const queue = await sqs.newQueue();
    for (let n = 0; n < 60; n++) {
      const Entries = Array.from({ length: 10 }, (_, at) => ({
        Id: `${at}`,
        MessageBody: 'backlog',
        ...(n % 2 === 0 && { MessageGroupId: 'busy' }),
      }));
      await sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queue.QueueUrl, Entries }));
    }
    await queue.receive();
    for (let n = 0; n < 3; n++) await queue.send('other', { MessageGroupId: 'quiet' });
    const received = [await queue.bodies(), await queue.bodies()].flat();
    assert.equal(received.filter((body) => body === 'other').length, 3);
  });

  it('keep only their own group waiting in a FIFO queue', async () => {
    const queue = await sqs.newQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    await queue.send('poison', { MessageGroupId: 'bad' });
    await queue.send('behind it', { MessageGroupId: 'bad' });
    for (let n = 0; n < 20; n++) await queue.send(`good ${n}`, { MessageGroupId: `g${n % 4}` });
    const good: string[] = [];
    for (let n = 0; n < 60 && good.length < 20; n++) {
      for (const message of await queue.receive({ MaxNumberOfMessages: 1 })) {
        const { Body = '', ReceiptHandle } = message;
        const again = { QueueUrl: queue.QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
        if (Body === 'poison') await sqs.client.send(new ChangeMessageVisibilityCommand(again));
        else {
          good.push(Body);
          await queue.delete(message);
        }
      }
    }
    assert.equal(good.length, 20);
    assert(!good.includes('behind it'));
    assert.deepEqual(await queue.counts(), [2, 0, 0]);
  });
});
