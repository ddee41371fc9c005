import { needsNothing, unlimited } from '../../../support/unlimited.ts';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  InvokeCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigCommandInput,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { Targets, type TargetEvent } from '../../../../src/aws/targets.ts';
import { DeclarationError } from '../../../../src/errors.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { createFunction, role, sharedLambda, zip } from '../lambda-server.ts';

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const topic = 'arn:aws:sns:us-east-1:000000000000:t';
const bucket = 'arn:aws:s3:::b';
const events: [string, TargetEvent][] = [];
const targets = new Targets(unlimited);
for (const service of ['sns', 's3', 'lambda']) {
  targets.register(service, {
    accepts: () => true,
    needs: needsNothing,
    deliver: async (arn, event) => void events.push([arn, event]),
  });
}

const create = (TargetArn: string) =>
  new CreateFunctionCommand({
    FunctionName: 'letters',
    Runtime: 'nodejs24.x',
    Role: role,
    Handler: 'index.handler',
    Code: { ZipFile: zip({ 'index.mjs': '' }) },
    DeadLetterConfig: { TargetArn },
  });

describe('settings of asynchronous invocation', () => {
  const server = sharedLambda({ targets });
  const send = () => server().client;
  const put = (name: string, input: Omit<PutFunctionEventInvokeConfigCommandInput, 'FunctionName'>) =>
    send().send(new PutFunctionEventInvokeConfigCommand({ FunctionName: name, ...input }));
  const get = (name: string) => send().send(new GetFunctionEventInvokeConfigCommand({ FunctionName: name }));

  test('are put, read, changed, listed and deleted', async () => {
    await createFunction(server(), 'f', '');
    await createFunction(server(), 'g', '');
    const { $metadata: _put, LastModified: modified, ...made } = await put('f', { MaximumRetryAttempts: 1 });
    assert.ok(modified !== undefined);
    assert.deepEqual(made, {
      FunctionArn: `${arnOf('f')}:$LATEST`,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    const update = new UpdateFunctionEventInvokeConfigCommand({
      FunctionName: 'f',
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnFailure: { Destination: bucket }, OnSuccess: { Destination: arnOf('g') } },
    });
    const { $metadata: _update, LastModified: _, ...updated } = await send().send(update);
    assert.deepEqual(updated, {
      FunctionArn: `${arnOf('f')}:$LATEST`,
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnSuccess: { Destination: arnOf('g') }, OnFailure: { Destination: bucket } },
    });
    await server().restart();
    const list = new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'f' });
    const { FunctionEventInvokeConfigs: listed } = await send().send(list);
    assert.equal(listed?.[0]?.MaximumEventAgeInSeconds, 60);
    assert.equal(listed.length, 1);
    // Put replaces everything.
    await put('f', { MaximumRetryAttempts: 0 });
    assert.equal((await get('f')).MaximumEventAgeInSeconds, undefined);
    await send().send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: 'f' }));
    await assert.rejects(get('f'), {
      name: 'ResourceNotFoundException',
      message: `The function ${arnOf('f')}:$LATEST doesn't have an EventInvokeConfig`,
    });
    await assert.rejects(
      send()
        .send(update)
        .then(() => get('nobody')),
      { name: 'ResourceNotFoundException' },
    );
  });

  test('end with their function', async () => {
    await createFunction(server(), 'short', '');
    await put('short', { MaximumRetryAttempts: 1 });
    await send().send(new DeleteFunctionCommand({ FunctionName: 'short' }));
    await createFunction(server(), 'short', '');
    await assert.rejects(get('short'), { name: 'ResourceNotFoundException' });
  });

  const refused: [string, Omit<PutFunctionEventInvokeConfigCommandInput, 'FunctionName'>, string][] = [
    ['nothing', {}, 'You must specify at least one of error handling or destination setting.'],
    [
      'a function that is not there',
      { DestinationConfig: { OnSuccess: { Destination: arnOf('nobody') } } },
      `The destination ARN ${arnOf('nobody')} is invalid.`,
    ],
    [
      'the function itself',
      { DestinationConfig: { OnFailure: { Destination: arnOf('r') } } },
      "You can't specify the function as a destination for itself.",
    ],
    [
      'an event bus',
      {
        DestinationConfig: {
          OnFailure: { Destination: 'arn:aws:events:us-east-1:000000000000:event-bus/b' },
        },
      },
      'The provided destination config DestinationConfig(onSuccess=null, ' +
        'onFailure=OnFailure(destination=arn:aws:events:us-east-1:000000000000:event-bus/b)) is invalid.',
    ],
    [
      'a bucket for successful events',
      { DestinationConfig: { OnSuccess: { Destination: bucket } } },
      `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=${bucket}), onFailure=null) is invalid.`,
    ],
  ];
  test('refuse what AWS refuses', async () => {
    await createFunction(server(), 'r', '');
    for (const [what, input, message] of refused) {
      await assert.rejects(put('r', input), { name: 'InvalidParameterValueException', message }, what);
    }
    await assert.rejects(put('nobody', { MaximumRetryAttempts: 1 }), {
      name: 'ResourceNotFoundException',
      message: "The function doesn't exist.",
    });
  });

  test('send the records of a function to its destinations, and its dead letters to a topic', async () => {
    const source =
      'export const handler = async (event) => { if (event.bad) throw new Error("bad"); return 7; };';
    await createFunction(server(), 'sender', source, { DeadLetterConfig: { TargetArn: topic } });
    await put('sender', {
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination: arnOf('g') }, OnFailure: { Destination: bucket } },
    });
    for (const event of [{ bad: false }, { bad: true }]) {
      const Payload = JSON.stringify(event);
      await send().send(new InvokeCommand({ FunctionName: 'sender', InvocationType: 'Event', Payload }));
    }
    await until(() => events.length === 3);
    const byTarget = new Map(events);
    const record = JSON.parse(byTarget.get(arnOf('g'))?.message ?? '') as Record<string, unknown>;
    assert.equal(record['responsePayload'], 7);
    assert.match(byTarget.get(bucket)?.object?.key ?? '', /^aws\/lambda\/async\/sender\//);
    assert.equal(byTarget.get(topic)?.message, '{"bad":true}');
    assert.equal(byTarget.get(topic)?.attributes?.['ErrorMessage']?.value, 'bad');
  });

  test('of a declared function are those of nagare.yaml', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'declared.mjs');
    await writeFile(path, 'export const handler = async () => 8;');
    const declare = (onSuccess: string) =>
      server().lambda.declareFunction({
        name: 'declared',
        path,
        handler: 'handler',
        eventInvoke: { retriesMax: 1, onSuccess },
      });
    assert.throws(() => declare(bucket), DeclarationError);
    declare(topic);
    const { MaximumRetryAttempts: retries, DestinationConfig: destinations } = await get('declared');
    assert.deepEqual([retries, destinations?.OnSuccess?.Destination], [1, topic]);
    const list = new ListFunctionEventInvokeConfigsCommand({ FunctionName: 'declared' });
    assert.equal((await send().send(list)).FunctionEventInvokeConfigs?.length, 1);
    await assert.rejects(put('declared', { MaximumRetryAttempts: 0 }), { name: 'ResourceConflictException' });
    events.length = 0;
    await send().send(new InvokeCommand({ FunctionName: 'declared', InvocationType: 'Event' }));
    await until(() => events.length === 1);
    assert.equal(events[0]?.[0], topic);
  });

  test('DeadLetterConfig is kept, changed and removed, and must be a topic or queue', async () => {
    await assert.rejects(send().send(create(bucket)), { name: 'InvalidParameterValueException' });
    assert.deepEqual((await send().send(create(topic))).DeadLetterConfig, { TargetArn: topic });
    const update = (DeadLetterConfig?: { TargetArn: string }) =>
      send().send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'letters',
          Description: 'd',
          ...(DeadLetterConfig !== undefined && { DeadLetterConfig }),
        }),
      );
    assert.deepEqual((await update()).DeadLetterConfig, { TargetArn: topic });
    assert.equal((await update({ TargetArn: '' })).DeadLetterConfig, undefined);
    const read = new GetFunctionConfigurationCommand({ FunctionName: 'letters' });
    assert.equal((await send().send(read)).DeadLetterConfig, undefined);
  });
});
