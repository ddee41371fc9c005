import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  SetQueueAttributesCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { until } from '../../support/until.ts';
import { QueueServer, TestQueue } from './queue.ts';

const sqs = new QueueServer();

function arnOf(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

async function withDeadLetters(maxReceiveCount: number, fifo = false) {
  const suffix = fifo ? '.fifo' : '';
  const type = fifo ? { FifoQueue: 'true' } : {};
  const [dead, name] = [`${sqs.newName('dead')}${suffix}`, `${sqs.newName('source')}${suffix}`];
  const target = await TestQueue.create(sqs.client, dead, type);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount });
  const source = await TestQueue.create(sqs.client, name, { RedrivePolicy, VisibilityTimeout: '0', ...type });
  return { source, target, sourceArn: arnOf(name), targetArn: arnOf(dead) };
}

function policy(deadLetterTargetArn: string, maxReceiveCount: unknown = 1) {
  return { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }) };
}

async function tasks(SourceArn: string) {
  return (
    (await sqs.client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }))).Results ?? []
  );
}

describe('dead letters', () => {
  it('move with their id, age and attributes when they were received too often', async () => {
    const { source, target, sourceArn } = await withDeadLetters(2);
    const sent = await source.send('poison', {
      MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } },
    });
    const All = { MessageSystemAttributeNames: ['All' as const], MessageAttributeNames: ['All'] };
    const [first] = await source.receive(All);
    assert.equal((await source.receive()).length, 1);
    assert.deepEqual(await source.receive(), []);
    assert.deepEqual(await source.counts(), [0, 0, 0]);
    const [dead] = await target.receive(All);
    assert.equal(dead?.MessageId, sent.MessageId);
    assert.equal(dead?.Attributes?.SentTimestamp, first?.Attributes?.SentTimestamp);
    assert.equal(dead?.Attributes?.DeadLetterQueueSourceArn, sourceArn);
    assert.equal(dead?.Attributes?.ApproximateReceiveCount, '1');
    assert.equal(dead?.MessageAttributes?.['a']?.StringValue, 'b');
  });

  it('of a FIFO queue let the rest of their group go on', async () => {
    const { source, target } = await withDeadLetters(1, true);
    for (const body of ['1', '2'])
      await source.send(body, { MessageGroupId: 'g', MessageDeduplicationId: body });
    assert.deepEqual(await source.bodies({ MaxNumberOfMessages: 1 }), ['1']);
    assert.deepEqual(await source.bodies(), ['2']);
    assert.deepEqual(await target.bodies(), ['1']);
  });

  it('are sent back by a move task, as new messages', async () => {
    const { source, target, sourceArn, targetArn } = await withDeadLetters(1);
    const sent = new Set<string | undefined>();
    for (let n = 0; n < 25; n++) sent.add((await source.send(`m${n}`)).MessageId);
    for (let round = 0; round < 8; round++) await source.receive();
    await until(async () => (await target.counts())[0] === 25);
    const { TaskHandle } = await sqs.client.send(new StartMessageMoveTaskCommand({ SourceArn: targetArn }));
    assert(TaskHandle !== undefined);
    await until(async () => (await tasks(targetArn))[0]?.Status === 'COMPLETED');
    const [task] = await tasks(targetArn);
    assert.equal(task?.ApproximateNumberOfMessagesMoved, 25);
    assert.equal(task?.ApproximateNumberOfMessagesToMove, 25);
    assert.equal(task?.TaskHandle, undefined);
    assert.deepEqual(await target.counts(), [0, 0, 0]);
    assert.deepEqual(await source.counts(), [25, 0, 0]);
    const [back] = await source.receive({ MessageSystemAttributeNames: ['All'] });
    assert(!sent.has(back?.MessageId));
    assert.equal(back?.Attributes?.DeadLetterQueueSourceArn, undefined);
    const { queueUrls } = await sqs.client.send(
      new ListDeadLetterSourceQueuesCommand({ QueueUrl: target.QueueUrl }),
    );
    assert.deepEqual(queueUrls, [source.QueueUrl]);
    assert.equal(sourceArn, (await source.attributes())['QueueArn']);
  });

  it('are moved at a rate, until the task is cancelled', async () => {
    const { target, targetArn } = await withDeadLetters(1);
    const elsewhere = await TestQueue.create(sqs.client, sqs.newName('elsewhere'));
    for (let n = 0; n < 5; n++) await target.send(`m${n}`);
    const input = {
      SourceArn: targetArn,
      DestinationArn: (await elsewhere.attributes())['QueueArn'],
      MaxNumberOfMessagesPerSecond: 1,
    };
    const { TaskHandle } = await sqs.client.send(new StartMessageMoveTaskCommand(input));
    await assert.rejects(sqs.client.send(new StartMessageMoveTaskCommand(input)), {
      name: 'InvalidParameterValue',
      message:
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    });
    await until(async () => (await elsewhere.counts())[0] === 1);
    assert.equal((await tasks(targetArn))[0]?.Status, 'RUNNING');
    await sqs.client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    assert.equal((await tasks(targetArn))[0]?.Status, 'CANCELLED');
    const [left = 0] = await target.counts();
    assert(left >= 1);
  });

  it('need a queue that exists, of the same type, and that allows it', async () => {
    const { source, target, targetArn } = await withDeadLetters(3);
    const set = (to: TestQueue, Attributes: Record<string, string>) =>
      sqs.client.send(new SetQueueAttributesCommand({ QueueUrl: to.QueueUrl, Attributes }));
    for (const [given, reason] of [
      [policy('dummy'), 'Invalid value for deadLetterTargetArn.'],
      [policy(arnOf('nobody')), 'Dead letter target does not exist.'],
      [
        policy(targetArn, 0),
        'Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.',
      ],
      [{ RedrivePolicy: 'x' }, 'Redrive policy is not a valid JSON map.'],
    ] as const) {
      await assert.rejects(set(source, given), {
        name: 'InvalidParameterValue',
        message: `Value ${given.RedrivePolicy} for parameter RedrivePolicy is invalid. Reason: ${reason}`,
      });
    }
    await set(target, { RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'denyAll' }) });
    await assert.rejects(set(source, policy(targetArn, 5)), { name: 'InvalidParameterValue' });
    await set(source, { RedrivePolicy: '' });
    assert.equal((await source.attributes())['RedrivePolicy'], undefined);
    await assert.rejects(sqs.client.send(new StartMessageMoveTaskCommand({ SourceArn: targetArn })), {
      name: 'InvalidParameterValue',
      message: 'Source queue must be configured as a Dead Letter Queue.',
    });
  });
});
