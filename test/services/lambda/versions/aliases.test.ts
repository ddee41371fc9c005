import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { until } from '../../../support/until.ts';
import { createFunction, printed, sharedLambda, startLambda, type LambdaServer } from '../lambda-server.ts';
import { told, telling, updateCode } from './told.ts';

const prefix = 'arn:aws:lambda:us-east-1:000000000000:function:';

/** A function with the versions 1 and 2. */
async function twoVersions(server: LambdaServer, name: string): Promise<void> {
  await createFunction(server, name, telling('first'), { Publish: true });
  await updateCode(server, name, 'second', { Publish: true });
}

function weights(map: Record<string, number>) {
  return { RoutingConfig: { AdditionalVersionWeights: map } };
}

describe('aliases of a function', () => {
  const shared = sharedLambda();

  test('an alias runs its version, and can be moved', async () => {
    const { client } = shared();
    await twoVersions(shared(), 'moved');
    const created = await client.send(
      new CreateAliasCommand({ FunctionName: 'moved', Name: 'live', FunctionVersion: '1', Description: 'd' }),
    );
    const { RevisionId, $metadata: _, ...alias } = created;
    assert.deepEqual(alias, {
      AliasArn: `${prefix}moved:live`,
      Name: 'live',
      FunctionVersion: '1',
      Description: 'd',
    });
    assert.deepEqual(await told(shared(), 'moved', 'live'), {
      said: ['first', '1', '1', 'moved:live', null],
      executed: '1',
    });
    const change = { FunctionName: 'moved', Name: 'live', FunctionVersion: '2' };
    await assert.rejects(client.send(new UpdateAliasCommand({ ...change, RevisionId: 'old' })), {
      name: 'PreconditionFailedException',
    });
    await client.send(new UpdateAliasCommand({ ...change, RevisionId }));
    assert.deepEqual(await told(shared(), `${prefix}moved:live`), {
      said: ['second', '2', '2', 'moved:live', null],
      executed: '2',
    });
    const found = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'moved', Qualifier: 'live' }),
    );
    assert.deepEqual([found.FunctionArn, found.Version], [`${prefix}moved:live`, '2']);
    const read = await client.send(new GetAliasCommand({ FunctionName: 'moved', Name: 'live' }));
    assert.deepEqual([read.FunctionVersion, read.Description], ['2', 'd']);
    assert.notEqual(read.RevisionId, RevisionId);
  });

  test('an asynchronous invocation of an alias runs its version', async () => {
    await twoVersions(shared(), 'later');
    await told(shared(), 'later');
    const { client } = shared();
    await client.send(new CreateAliasCommand({ FunctionName: 'later', Name: 'live', FunctionVersion: '1' }));
    await client.send(
      new InvokeCommand({ FunctionName: 'later', Qualifier: 'live', InvocationType: 'Event' }),
    );
    await until(async () =>
      (await printed(shared(), 'later')).some((line) => /^START RequestId: \S+ Version: 1$/.test(line)),
    );
  });

  test('aliases are listed by name and by version, and deleted', async () => {
    const { client } = shared();
    await twoVersions(shared(), 'named');
    for (const [name, version] of [
      ['green', '1'],
      ['blue', '2'],
      ['newest', '$LATEST'],
    ] as const) {
      await client.send(
        new CreateAliasCommand({ FunctionName: 'named', Name: name, FunctionVersion: version }),
      );
    }
    const list = async (options: object = {}) => {
      const page = await client.send(new ListAliasesCommand({ FunctionName: 'named', ...options }));
      return { names: page.Aliases?.map(({ Name }) => Name), marker: page.NextMarker };
    };
    assert.deepEqual((await list()).names, ['blue', 'green', 'newest']);
    assert.deepEqual((await list({ FunctionVersion: '1' })).names, ['green']);
    const { names, marker } = await list({ MaxItems: 2 });
    assert.deepEqual(names, ['blue', 'green']);
    assert.deepEqual((await list({ Marker: marker })).names, ['newest']);
    const blue = { FunctionName: 'named', Name: 'blue' };
    await client.send(new DeleteAliasCommand(blue));
    await client.send(new DeleteAliasCommand(blue));
    await assert.rejects(client.send(new GetAliasCommand(blue)), {
      name: 'ResourceNotFoundException',
      message: `Cannot find alias arn: ${prefix}named:blue`,
    });
    await assert.rejects(told(shared(), 'named', 'blue'), {
      name: 'ResourceNotFoundException',
      message: `Function not found: ${prefix}named:blue`,
    });
  });

  test('refuses what AWS refuses', async () => {
    const { client } = shared();
    await twoVersions(shared(), 'strict');
    const create = (options: object) =>
      client.send(
        new CreateAliasCommand({ FunctionName: 'strict', Name: 'live', FunctionVersion: '1', ...options }),
      );
    const invalid = 'InvalidParameterValueException';
    await assert.rejects(create({ FunctionName: 'none' }), { name: 'ResourceNotFoundException' });
    await assert.rejects(create({ FunctionVersion: '3' }), {
      name: 'ResourceNotFoundException',
      message: `Function not found: ${prefix}strict:3`,
    });
    await assert.rejects(create({ Name: '12' }), { name: 'ValidationException' });
    await assert.rejects(create(weights({ 1: 0.5 })), {
      name: invalid,
      message: 'Invalid function version 1. Function version 1 is already included in routing configuration.',
    });
    await assert.rejects(create(weights({ 2: 0.1, 3: 0.1 })), {
      name: invalid,
      message: 'Number of items in AdditionalVersionWeights cannot be greater than 1',
    });
    await assert.rejects(create({ FunctionVersion: '$LATEST', ...weights({ 2: 0.5 }) }), {
      message: '$LATEST is not supported for an alias pointing to more than 1 version',
    });
    await assert.rejects(create(weights({ 2: 1.5 })), { name: 'ValidationException' });
    await create({});
    await assert.rejects(create({}), {
      name: 'ResourceConflictException',
      message: `Alias already exists: ${prefix}strict:live`,
    });
  });
});

test('weights divide the invocations of an alias; the versions share a restart', async (context) => {
  // What the server draws, one after the other: below 0.25 the second version runs.
  const draws = [0.1, 0.25, 0.9, 0.24];
  const server = await startLambda(context, { isolation: 'off', random: () => draws.shift() ?? 1 });
  await twoVersions(server, 'f');
  const alias = { FunctionName: 'f', Name: 'live' };
  await server.client.send(
    new CreateAliasCommand({
      ...alias,
      FunctionVersion: '1',
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } },
    }),
  );
  await server.restart();
  const executed: (string | undefined)[] = [];
  for (let call = 0; call < 4; call++) executed.push((await told(server, 'f', 'live')).executed);
  assert.deepEqual(executed, ['2', '1', '1', '2']);
  const read = await server.client.send(new GetAliasCommand(alias));
  assert.deepEqual(read.RoutingConfig, { AdditionalVersionWeights: { 2: 0.25 } });
  const whole = await server.client.send(
    new UpdateAliasCommand({
      ...alias,
      FunctionVersion: '2',
      RoutingConfig: { AdditionalVersionWeights: {} },
    }),
  );
  assert.deepEqual([whole.FunctionVersion, whole.RoutingConfig], ['2', undefined]);
});
