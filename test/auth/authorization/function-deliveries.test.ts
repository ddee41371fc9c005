import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  GetEventSourceMappingCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { until } from '../../support/until.ts';
import { type ActingScene, openActingScene } from './acting-scene.ts';
import { ACCOUNT, allow, deny, trustIn } from './scene.ts';

const TRUST = trustIn('lambda.amazonaws.com');
const STREAM_ACTIONS = ['kinesis:DescribeStream', 'kinesis:GetRecords', 'kinesis:GetShardIterator'];
const QUEUE_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

let world: ActingScene;
let kinesis: KinesisClient;
before(async () => {
  world = await openActingScene();
  kinesis = new KinesisClient(world.scene.root);
});
after(async () => {
  kinesis.destroy();
  await world[Symbol.asyncDispose]();
});

async function stream(StreamName: string): Promise<string> {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  return `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/${StreamName}`;
}

const put = (StreamARN: string, text: string) =>
  kinesis.send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: Buffer.from(text) }));

const map = (
  FunctionName: string,
  EventSourceArn: string,
  more: Partial<CreateEventSourceMappingCommandInput> = {},
) => world.lambda.send(new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn, ...more }));

/** Waits until the mapping's last result is that one. */
const result = (UUID: string | undefined, expected: string) =>
  until(
    async () => {
      const { LastProcessingResult: last } = await world.lambda.send(
        new GetEventSourceMappingCommand({ UUID }),
      );
      return last === expected;
    },
    { what: expected },
  );

async function seen(queue: string, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push(...(await world.take(queue, 20)));
  return all;
}

describe('a mapping of a stream', () => {
  it('stops while the role may not read, and goes on where it was, with every record once', async () => {
    const source = await stream('orders');
    const queue = await world.queue('orders');
    const may = [allow('sqs:SendMessage', queue), allow(STREAM_ACTIONS, source)];
    const role = await world.scene.role('orders', TRUST, ...may);
    const name = await world.forwarder('orders', role, queue);
    const { UUID } = await map(name, source, { StartingPosition: 'TRIM_HORIZON' });
    await put(source, 'r0');
    assert.deepEqual(await seen(queue, 1), ['r0']);
    await result(UUID, 'OK');

    await world.setRolePolicy('orders', ...may, deny('kinesis:GetRecords'));
    for (const text of ['r1', 'r2', 'r3']) await put(source, text);
    await result(
      UUID,
      `PROBLEM: Cannot access stream ${source}. Please ensure the role can perform the GetRecords, ` +
        'GetShardIterator, DescribeStream, ListShards, and ListStreams Actions on your stream in IAM.',
    );
    assert.deepEqual(await world.take(queue, 0), []);
    await until(
      async () => (await world.sum('Nagare/Permissions', 'RefusedActions', ['Service', 'lambda'])) > 0,
    );

    await world.setRolePolicy('orders', ...may);
    assert.deepEqual(await seen(queue, 3), ['r1', 'r2', 'r3']);
    await result(UUID, 'OK');
  });

  it('stops when the role is deleted while it runs, and goes on with a new one of that name', async () => {
    const source = await stream('gone');
    const queue = await world.queue('gone');
    const may = [allow('sqs:SendMessage', queue), allow(STREAM_ACTIONS, source)];
    const role = await world.scene.role('gone', TRUST, ...may);
    const name = await world.forwarder('gone', role, queue);
    const { UUID } = await map(name, source, { StartingPosition: 'TRIM_HORIZON' });
    await put(source, 'r0');
    assert.deepEqual(await seen(queue, 1), ['r0']);
    await world.scene.iam.send(new DeleteRolePolicyCommand({ RoleName: 'gone', PolicyName: 'own' }));
    await world.scene.iam.send(new DeleteRoleCommand({ RoleName: 'gone' }));
    await put(source, 'r1');
    await until(async () => {
      const { LastProcessingResult: last } = await world.lambda.send(
        new GetEventSourceMappingCommand({ UUID }),
      );
      return last?.startsWith('PROBLEM: Cannot access stream') === true;
    });
    await world.scene.role('gone', TRUST, ...may);
    // The function's processes have keys of the role that is gone: an update replaces them.
    await world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: 21 }));
    assert.deepEqual(await seen(queue, 1), ['r1']);
  });

  it('reports discarded records to a destination only while the role may', async () => {
    const source = await stream('discarded');
    const [queue, failures] = [await world.queue('unused'), await world.queue('failures')];
    const may = [allow(STREAM_ACTIONS, source), allow('sqs:SendMessage', failures)];
    const role = await world.scene.role('discarded', TRUST, allow(STREAM_ACTIONS, source));
    const name = await world.forwarder('discarded', role, queue);
    const options = {
      StartingPosition: 'TRIM_HORIZON',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: failures } },
    } as const;
    await assert.rejects(map(name, source, options), {
      name: 'InvalidParameterValueException',
      message: `The function's execution role does not have permissions to call SendMessage on ${failures}`,
    });
    await world.setRolePolicy('discarded', ...may);
    await map(name, source, options);
    await world.setRolePolicy('discarded', allow(STREAM_ACTIONS, source));
    const refused = (): Promise<number> =>
      world.sum('Nagare/Permissions', 'RefusedActions', ['Service', 'lambda']);
    const before = await refused();
    await put(source, 'fails: the role may not send to the queue');
    await until(async () => (await refused()) > before);
    assert.deepEqual(await world.take(failures, 0), []);
    await world.setRolePolicy('discarded', ...may);
    const [report = ''] = await seen(failures, 1);
    assert.match(report, /RetryAttemptsExhausted/);
  });
});

describe('a mapping of a queue', () => {
  it('receives no message while the role may not receive or not delete, and all of them later', async () => {
    const [source, queue] = [await world.queue('source'), await world.queue('sink')];
    const may = [allow('sqs:SendMessage', queue), allow(QUEUE_ACTIONS, source)];
    const role = await world.scene.role('queue-reader', TRUST, ...may);
    const name = await world.forwarder('queue-reader', role, queue);
    await map(name, source);
    const send = (MessageBody: string) =>
      world.sqs.send(
        new SendMessageCommand({ QueueUrl: `${world.scene.server.endpoint}/${ACCOUNT}/source`, MessageBody }),
      );
    await send('m0');
    assert.deepEqual(await seen(queue, 1), ['m0']);
    const refused = (): Promise<number> =>
      world.sum('Nagare/Permissions', 'RefusedActions', ['Service', 'lambda']);
    for (const [index, action] of ['sqs:DeleteMessage', 'sqs:ReceiveMessage'].entries()) {
      await world.setRolePolicy('queue-reader', ...may, deny(action, source));
      // A request to receive that waits already was allowed.
      const before = await refused();
      await send(`first ${index}`);
      await until(async () => (await refused()) > before, { withinMs: 40_000 });
      await send(`second ${index}`);
      const early = await world.take(queue, 0);
      assert.ok(!early.includes(`second ${index}`));
      await world.setRolePolicy('queue-reader', ...may);
      const later = [...early];
      while (!later.includes(`first ${index}`) || !later.includes(`second ${index}`))
        later.push(...(await world.take(queue, 20)));
    }
  });
});

const invoke = (FunctionName: string, event: object) =>
  world.lambda.send(
    new InvokeCommand({
      FunctionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );

describe('an asynchronous invocation', () => {
  it('sends its records to destinations only while the role may, and keeps them meanwhile', async () => {
    const [queue, success, failure] = [
      await world.queue('async'),
      await world.queue('success'),
      await world.queue('failure'),
    ];
    const forward = allow('sqs:SendMessage', queue);
    const role = await world.scene.role('async', TRUST, forward);
    const FunctionName = await world.forwarder('async', role, queue);
    const configure = (may: string) =>
      world.lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName,
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnSuccess: { Destination: may }, OnFailure: { Destination: failure } },
        }),
      );
    await assert.rejects(configure(success), { name: 'InvalidParameterValueException' });
    await world.setRolePolicy('async', forward, allow('sqs:SendMessage', [success, failure]));
    await configure(success);
    await world.setRolePolicy('async', forward, allow('sqs:SendMessage', failure));
    await invoke('async', { n: 1 });
    await invoke('async', { fails: true });
    assert.match((await seen(failure, 1))[0] ?? '', /RetriesExhausted/);
    const failures = (): Promise<number> =>
      world.sum('AWS/Lambda', 'DestinationDeliveryFailures', ['FunctionName', 'async']);
    await until(async () => (await failures()) > 0);
    assert.deepEqual(await world.take(success, 0), []);
    await world.setRolePolicy('async', forward, allow('sqs:SendMessage', success));
    assert.match((await seen(success, 1))[0] ?? '', /"condition":"Success"/);
  });

  it('sends dead letters with the role, which is checked when they are configured', async () => {
    const [queue, letters] = [await world.queue('lettering'), await world.queue('dead-letters')];
    const role = await world.scene.role('lettering', TRUST, allow('sqs:SendMessage', queue));
    const DeadLetterConfig = { TargetArn: letters };
    const refusal = {
      name: 'InvalidParameterValueException',
      message: 'The provided execution role does not have permissions to call SendMessage on SQS',
    };
    await assert.rejects(world.forwarder('lettering', role, queue, { DeadLetterConfig }), refusal);
    const FunctionName = await world.forwarder('lettering', role, queue);
    const update = (input: object) =>
      world.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
    await assert.rejects(update({ DeadLetterConfig }), refusal);
    await world.setRolePolicy('lettering', allow('sqs:SendMessage'));
    await update({ DeadLetterConfig });
    const other = await world.scene.role('lettering-less', TRUST, allow('sqs:SendMessage', queue));
    await assert.rejects(update({ Role: other }), refusal);
    await world.setRolePolicy('lettering', allow('sqs:SendMessage', queue));
    await world.lambda.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0 }),
    );
    await invoke('lettering', { fails: true });
    await until(
      async () => (await world.sum('AWS/Lambda', 'DeadLetterErrors', ['FunctionName', 'lettering'])) > 0,
    );
    await world.setRolePolicy('lettering', allow('sqs:SendMessage'));
    assert.deepEqual(await seen(letters, 1), ['{"fails":true}']);
  });
});
