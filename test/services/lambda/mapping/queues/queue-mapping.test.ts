import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, startTestServer, temporaryFolder } from '../../../../support/server.ts';
import { until } from '../../../../support/until.ts';
import { TestQueue } from '../../../sqs/queue.ts';
import { role, zip } from '../../lambda-server.ts';

interface Note {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A server with a function that notes the batches it gets, and does what `rest` says. */
async function setup(t: TestContext, rest = '', queueAttributes: Record<string, string> = {}, name = 'jobs') {
  const server = await startTestServer({ functionIsolation: 'off' });
  t.after(() => server.close());
  const options = clientOptions(server.endpoint);
  const [lambda, sqs] = [new LambdaClient({ ...options, maxAttempts: 1 }), new SQSClient(options)];
  for (const client of [lambda, sqs]) t.after(() => client.destroy());
  const notes = join(await temporaryFolder(), 'notes');
  await writeFile(notes, '');
  const source = `import { appendFileSync } from 'node:fs';
    export const handler = async ({ Records }) => {
      if (Records.length === 0) return;
      const bodies = Records.map(({ body }) => body);
      appendFileSync(${JSON.stringify(notes)}, JSON.stringify(Records) + '\\n');
      ${rest}
    };`;
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': source }) },
    }),
  );
  const queue = await TestQueue.create(sqs, name, queueAttributes);
  const batches = async () =>
    (await readFile(notes, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Note[]);
  const map = (input: Partial<CreateEventSourceMappingCommandInput> = {}) =>
    lambda.send(
      new CreateEventSourceMappingCommand({ FunctionName: 'f', EventSourceArn: arnOf(name), ...input }),
    );
  return {
    server,
    /** With a process at hand, batches are processed long before a short visibility timeout is over. */
    startProcess: () =>
      lambda.send(new InvokeCommand({ FunctionName: 'f', Payload: JSON.stringify({ Records: [] }) })),
    lambda,
    queue,
    notes,
    map,
    batches,
    bodies: async () => (await batches()).map((batch) => batch.map(({ body }) => body)),
  };
}

const isEmpty = async (queue: TestQueue) => (await queue.counts()).every((count) => count === 0);

describe('mappings of queues', () => {
  it("deliver messages in AWS's form, and delete them", async (t) => {
    const { queue, map, batches } = await setup(t);
    const { MessageId } = await queue.send('hello', {
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'a' },
        bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(1, 2) },
      },
    });
    const { UUID, LastModified, EventSourceMappingArn, $metadata: _, ...created } = await map();
    assert.deepEqual(created, {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      EventSourceArn: arnOf('jobs'),
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      FunctionResponseTypes: [],
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
    });
    assert(EventSourceMappingArn?.endsWith(`:event-source-mapping:${UUID}`) && LastModified !== undefined);
    await until(async () => (await batches()).length === 1);
    const [record] = (await batches())[0] ?? [];
    const { receiptHandle, attributes, ...others } = { receiptHandle: '', ...record };
    assert.notEqual(receiptHandle, '');
    assert.deepEqual(Object.keys(attributes ?? {}).sort(), [
      'ApproximateFirstReceiveTimestamp',
      'ApproximateReceiveCount',
      'SenderId',
      'SentTimestamp',
    ]);
    const lists = { stringListValues: [], binaryListValues: [] };
    assert.deepEqual(others, {
      messageId: MessageId,
      body: 'hello',
      messageAttributes: {
        text: { stringValue: 'a', ...lists, dataType: 'String' },
        bytes: { binaryValue: 'AQI=', ...lists, dataType: 'Binary' },
      },
      md5OfMessageAttributes: (others as { md5OfMessageAttributes?: string }).md5OfMessageAttributes,
      md5OfBody: '5d41402abc4b2a76b9719d911017c592',
      eventSource: 'aws:sqs',
      eventSourceARN: arnOf('jobs'),
      awsRegion: 'us-east-1',
    });
    await until(() => isEmpty(queue));
  });

  it('keep what the function reports as failed, until it is received again', async (t) => {
    const rest = `return { batchItemFailures: Records
      .filter(({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1')
      .map(({ messageId }) => ({ itemIdentifier: messageId })) };`;
    const { queue, map, bodies, startProcess } = await setup(t, rest, { VisibilityTimeout: '3' });
    await startProcess();
    await queue.send('good');
    await queue.send('bad');
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await until(async () => (await bodies()).flat().length === 3);
    assert.deepEqual((await bodies()).flat().sort(), ['bad', 'bad', 'good']);
    await until(() => isEmpty(queue));
  });

  it('leave all messages to their visibility timeout when the function fails or names an unknown one', async (t) => {
    const rest = `if (Records[0].attributes.ApproximateReceiveCount === '1') throw new Error('no');
      if (Records[0].attributes.ApproximateReceiveCount === '2')
        return { batchItemFailures: [{ itemIdentifier: 'nobody' }] };`;
    const { queue, map, bodies, startProcess } = await setup(t, rest, { VisibilityTimeout: '3' });
    await startProcess();
    await queue.send('a');
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await until(async () => (await bodies()).length === 3, { withinMs: 30_000 });
    await until(() => isEmpty(queue));
  });

  it('delete messages that no filter wants', async (t) => {
    const { queue, map, bodies } = await setup(t);
    const filters = [
      '{"body":{"kind":["wanted"]}}',
      '{"body":["plain"]}',
      '{"messageAttributes":{"k":{"stringValue":["v"]}}}',
    ];
    await map({ FilterCriteria: { Filters: filters.map((Pattern) => ({ Pattern })) } });
    const wanted = ['{"kind":"wanted"}', 'plain', 'by attribute'];
    for (const body of ['{"kind":"other"}', 'wanted', ...wanted.slice(0, 2)]) await queue.send(body);
    await queue.send('by attribute', { MessageAttributes: { k: { DataType: 'String', StringValue: 'v' } } });
    await until(async () => (await bodies()).flat().length === 3);
    await until(() => isEmpty(queue));
    assert.deepEqual((await bodies()).flat().sort(), wanted.sort());
  });

  it('gather large batches in a window', async (t) => {
    const { queue, map, bodies } = await setup(t);
    await Promise.all(Array.from({ length: 40 }, (_, n) => queue.send(`m${n}`)));
    await map({ BatchSize: 100, MaximumBatchingWindowInSeconds: 3 });
    await until(async () => (await bodies()).flat().length === 40, { withinMs: 60_000 });
    // Those that were received before the window ended came together.
    assert.equal((await bodies()).length <= 2, true);
  });

  it('keep groups of a FIFO queue in order, and never have two batches of a group at a time', async (t) => {
    // A function that finds the group's file while it works on the group has company.
    const rest = `const { mkdirSync, rmdirSync } = await import('node:fs');
      const { tmpdir } = await import('node:os');
      const groups = [...new Set(Records.map(({ attributes }) => attributes.MessageGroupId))];
      const folders = groups.map((group) => tmpdir() + '/nagare-' + process.ppid + '-' + group);
      for (const folder of folders) mkdirSync(folder);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const folder of folders) rmdirSync(folder);`;
    const { queue, map, batches } = await setup(
      t,
      rest,
      { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
      'jobs.fifo',
    );
    await map({ BatchSize: 3 });
    const groups = ['g1', 'g2', 'g3'];
    for (let n = 0; n < 10; n++)
      await Promise.all(
        groups.map((MessageGroupId) => queue.send(`${MessageGroupId} ${n}`, { MessageGroupId })),
      );
    await until(() => isEmpty(queue), { withinMs: 30_000 });
    const received = (await batches()).flat();
    for (const group of groups) {
      const bodies = received
        .filter(({ attributes }) => attributes['MessageGroupId'] === group)
        .map(({ body }) => body);
      assert.deepEqual(
        bodies,
        Array.from({ length: 10 }, (_, n) => `${group} ${n}`),
      );
    }
  });

  it('stop, change and end by the API, and go on after a restart', async (t) => {
    const { server, lambda, queue, map, bodies } = await setup(t);
    const { UUID } = await map({ ScalingConfig: { MaximumConcurrency: 2 } });
    const update = (input: object) => lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...input }));
    const state = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State;
    await update({ Enabled: false });
    await until(async () => (await state()) === 'Disabled');
    await queue.send('one');
    assert.deepEqual((await update({ BatchSize: 1 })).ScalingConfig, { MaximumConcurrency: 2 });
    assert.equal((await update({ ScalingConfig: {} })).ScalingConfig, undefined);
    assert.deepEqual(await bodies(), []);
    await update({ Enabled: true });
    await until(async () => (await bodies()).length === 1);
    await server.restart();
    await queue.send('two');
    await until(async () => (await bodies()).length === 2);
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    await until(async () => (await state().catch(() => 'gone')) === 'gone');
    await queue.send('three');
    assert.deepEqual(await queue.bodies(), ['three']);
    assert.deepEqual(await bodies(), [['one'], ['two']]);
  });

  it('make messages visible that they have received when they stop', async (t) => {
    const { lambda, queue, map, bodies } = await setup(t);
    const { UUID } = await map({ BatchSize: 100, MaximumBatchingWindowInSeconds: 300 });
    await queue.send('one');
    await until(async () => (await queue.counts())[1] === 1);
    await lambda.send(new DeleteEventSourceMappingCommand({ UUID }));
    assert.deepEqual(await queue.bodies({ WaitTimeSeconds: 20 }), ['one']);
    assert.deepEqual(await bodies(), []);
  });

  const refused: [string, Partial<CreateEventSourceMappingCommandInput>, string][] = [
    ['a missing queue', { EventSourceArn: arnOf('nobody') }, 'AWS.SimpleQueueService.NonExistentQueue'],
    ['a start', { StartingPosition: 'LATEST' }, 'StartingPosition is not valid for SQS event sources.'],
    ['a batch without a window', { BatchSize: 11 }, 'Maximum batch window in seconds must be greater than 0'],
    ['parallelization', { ParallelizationFactor: 2 }, 'Unsupported ParallelizationFactor parameter'],
    ['retries', { MaximumRetryAttempts: 2 }, 'Unsupported MaximumRetryAttempts parameter'],
    ['a tumbling window', { TumblingWindowInSeconds: 2 }, 'Unsupported TumblingWindowInSeconds parameter'],
    [
      'a destination',
      { DestinationConfig: { OnFailure: { Destination: arnOf('jobs') } } },
      'Unsupported DestinationConfig parameter',
    ],
    ['a concurrency of 1', { ScalingConfig: { MaximumConcurrency: 1 } }, 'greater than or equal to 2'],
    [
      'a filter that is none',
      { FilterCriteria: { Filters: [{ Pattern: '{"a":1}' }] } },
      'Invalid filter pattern',
    ],
  ];

  it('refuse what queues do not have', async (t) => {
    const { lambda, queue, map } = await setup(t);
    for (const [what, input, message] of refused) {
      await assert.rejects(map(input), (error) => {
        assert(error instanceof Error && error.message.includes(message), `${what}: ${String(error)}`);
        return true;
      });
    }
    await TestQueue.create(queue.client, 'short', { VisibilityTimeout: '2' });
    await assert.rejects(map({ EventSourceArn: arnOf('short') }), {
      name: 'InvalidParameterValueException',
      message: 'Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds',
    });
    await TestQueue.create(queue.client, 'in-order.fifo', { FifoQueue: 'true' });
    const fifo = { EventSourceArn: arnOf('in-order.fifo') };
    await assert.rejects(map({ ...fifo, MaximumBatchingWindowInSeconds: 1 }), {
      message: 'Batching window is not supported for FIFO queues',
    });
    await assert.rejects(map({ ...fifo, BatchSize: 11 }), { name: 'InvalidParameterValueException' });
    const { UUID } = await map();
    await assert.rejects(map(), {
      name: 'ResourceConflictException',
      message: `An event source mapping with SQS arn (" ${arnOf('jobs')} ") and function (" f ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
    });
    await assert.rejects(lambda.send(new UpdateEventSourceMappingCommand({ UUID, BatchSize: 11 })), {
      name: 'InvalidParameterValueException',
    });
  });
});
