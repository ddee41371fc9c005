import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  RemovePermissionCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer } from '../../support/server.ts';
import { QueueServer, TestQueue } from './queue.ts';

const sqs = new QueueServer();

describe('queues', () => {
  it('have the attributes of AWS', async () => {
    const standard = await TestQueue.create(sqs.client, 'plain');
    const { CreatedTimestamp, LastModifiedTimestamp, ...attributes } = await standard.attributes();
    assert.match(CreatedTimestamp ?? '', /^\d{10}$/);
    assert.match(LastModifiedTimestamp ?? '', /^\d{10}$/);
    const common = {
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
      VisibilityTimeout: '30',
    };
    assert.deepEqual(attributes, { ...common, QueueArn: 'arn:aws:sqs:us-east-1:000000000000:plain' });
    const fifo = await TestQueue.create(sqs.client, 'plain.fifo', { FifoQueue: 'true' });
    const {
      CreatedTimestamp: _created,
      LastModifiedTimestamp: _modified,
      ...ofFifo
    } = await fifo.attributes();
    assert.deepEqual(ofFifo, {
      ...common,
      QueueArn: 'arn:aws:sqs:us-east-1:000000000000:plain.fifo',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
  });

  it('are created once, and again with the same attributes', async () => {
    const name = sqs.newName();
    const first = await TestQueue.create(sqs.client, name, { DelaySeconds: '5' });
    assert.equal((await TestQueue.create(sqs.client, name)).QueueUrl, first.QueueUrl);
    assert.equal(
      (await TestQueue.create(sqs.client, name, { VisibilityTimeout: '30' })).QueueUrl,
      first.QueueUrl,
    );
    await assert.rejects(TestQueue.create(sqs.client, name, { DelaySeconds: '6' }), {
      name: 'QueueNameExists',
      message: 'A queue already exists with the same name and a different value for attribute DelaySeconds',
    });
  });

  it('are refused with names and attributes that AWS refuses', async () => {
    for (const [name, attributes, error, message] of [
      ['no spaces', {}, 'InvalidParameterValue', /^Can only include alphanumeric/],
      ['x.fifo', {}, 'InvalidParameterValue', /^Can only include alphanumeric/],
      ['x', { FifoQueue: 'true' }, 'InvalidParameterValue', /must end with .fifo suffix/],
      ['x', { FifoQueue: 'false' }, 'InvalidAttributeName', /^Unknown Attribute FifoQueue.$/],
      ['x', { ContentBasedDeduplication: 'true' }, 'InvalidAttributeName', /^Unknown Attribute/],
      ['x', { Foo: 'bar' }, 'InvalidAttributeName', /^Unknown Attribute Foo.$/],
      ['x', { QueueArn: 'bar' }, 'InvalidAttributeName', /^Unknown Attribute QueueArn.$/],
      [
        'x',
        { DelaySeconds: '901' },
        'InvalidAttributeValue',
        /^Invalid value for the parameter DelaySeconds.$/,
      ],
      ['x', { MaximumMessageSize: '1048577' }, 'InvalidAttributeValue', /MaximumMessageSize/],
      ['x', { Policy: '{}' }, 'InvalidAttributeValue', /^Invalid value for the parameter Policy.$/],
      ['x', { KmsMasterKeyId: 'k' }, 'InvalidAttributeValue', /keys of KMS/],
    ] as const) {
      const input = { QueueName: name, Attributes: attributes as Record<string, string> };
      await assert.rejects(sqs.client.send(new CreateQueueCommand(input)), { name: error, message });
    }
  });

  it('keep their type', async () => {
    const fifo = await TestQueue.create(sqs.client, `${sqs.newName()}.fifo`, { FifoQueue: 'true' });
    const set = (FifoQueue: string) =>
      sqs.client.send(new SetQueueAttributesCommand({ QueueUrl: fifo.QueueUrl, Attributes: { FifoQueue } }));
    await set('true');
    await assert.rejects(set('false'), {
      name: 'InvalidAttributeValue',
      message: 'Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    });
  });

  it('are found by name and listed by prefix, page by page', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await TestQueue.create(sqs.client, name);
    const { QueueUrl } = await sqs.client.send(new GetQueueUrlCommand({ QueueName: 'list-b' }));
    assert.equal(QueueUrl, `${sqs.endpoint}/000000000000/list-b`);
    await assert.rejects(sqs.client.send(new GetQueueUrlCommand({ QueueName: 'list-z' })), {
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
    const input = { QueueNamePrefix: 'list-', MaxResults: 2 };
    const first = await sqs.client.send(new ListQueuesCommand(input));
    assert.equal(first.QueueUrls?.length, 2);
    const second = await sqs.client.send(new ListQueuesCommand({ ...input, NextToken: first.NextToken }));
    assert.deepEqual(second.QueueUrls, [`${sqs.endpoint}/000000000000/list-c`]);
    assert.equal(second.NextToken, undefined);
  });

  it('have tags', async () => {
    const QueueName = sqs.newName();
    const { QueueUrl } = await sqs.client.send(
      new CreateQueueCommand({ QueueName, tags: { a: '1', b: '2' } }),
    );
    await sqs.client.send(new TagQueueCommand({ QueueUrl, Tags: { b: '3', c: '' } }));
    await sqs.client.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    const { Tags } = await sqs.client.send(new ListQueueTagsCommand({ QueueUrl }));
    assert.deepEqual(Tags, { b: '3', c: '' });
  });

  // As LocalStack's snapshot of test_sqs_permission_lifecycle recorded it on AWS.
  it('have policies made of permissions', async () => {
    const queue = await TestQueue.create(sqs.client, sqs.newName());
    const { QueueUrl } = queue;
    const permission = {
      QueueUrl,
      Label: 'one',
      AWSAccountIds: ['111111111111'],
      Actions: ['ReceiveMessage'],
    };
    await sqs.client.send(new AddPermissionCommand(permission));
    const arn = (await queue.attributes())['QueueArn'];
    assert.deepEqual(JSON.parse((await queue.attributes())['Policy'] ?? ''), {
      Version: '2008-10-17',
      Id: `${arn}/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: 'one',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'SQS:ReceiveMessage',
          Resource: arn,
        },
      ],
    });
    await assert.rejects(sqs.client.send(new AddPermissionCommand(permission)), {
      name: 'InvalidParameterValue',
      message: 'Value one for parameter Label is invalid. Reason: Already exists.',
    });
    await sqs.client.send(new RemovePermissionCommand({ QueueUrl, Label: 'one' }));
    assert.equal((await queue.attributes())['Policy'], undefined);
    await assert.rejects(sqs.client.send(new RemovePermissionCommand({ QueueUrl, Label: 'one' })), {
      name: 'InvalidParameterValue',
      message: "Value one for parameter Label is invalid. Reason: can't find label.",
    });
  });

  it('are gone with their messages when they are deleted, and a new one of the name is empty', async () => {
    const name = sqs.newName();
    const queue = await TestQueue.create(sqs.client, name);
    await queue.send('a');
    const waiting = queue.receive({ MaxNumberOfMessages: 1 });
    const [message] = await waiting;
    const poll = queue.receive({ WaitTimeSeconds: 20 });
    await sqs.client.send(new DeleteQueueCommand({ QueueUrl: queue.QueueUrl }));
    assert.deepEqual(await poll, []);
    await assert.rejects(queue.send('b'), { name: 'QueueDoesNotExist' });
    const again = await TestQueue.create(sqs.client, name);
    assert.deepEqual(await again.counts(), [0, 0, 0]);
    await assert.rejects(again.delete(message), { name: 'ReceiptHandleIsInvalid' });
  });

  it('cannot be created with the name of one that was just deleted, with --limits aws', async () => {
    await using limited = await startTestServer({ limits: { mode: 'aws' } });
    const other = new SQSClient(clientOptions(limited.endpoint));
    const { QueueUrl } = await TestQueue.create(other, 'q');
    await other.send(new DeleteQueueCommand({ QueueUrl }));
    await assert.rejects(TestQueue.create(other, 'q'), { name: 'QueueDeletedRecently' });
    other.destroy();
  });
});
