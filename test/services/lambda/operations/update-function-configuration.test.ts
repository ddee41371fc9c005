import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, startLambda } from '../lambda-server.ts';

test('UpdateFunctionConfiguration changes what it is given, for later invocations', async (context) => {
  const server = await startLambda(context);
  await createFunction(
    server,
    'f',
    'export const handler = async () => process.env.NAME; export const other = () => 2;',
    {
      Environment: { Variables: { NAME: 'first' } },
      Description: 'stays',
    },
  );
  assert.equal((await invoke(server, 'f')).payload, 'first');
  const update = (change: object) =>
    server.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', ...change }));
  const told = await update({ Environment: { Variables: { NAME: 'second' } }, Timeout: 8, MemorySize: 192 });
  assert.deepEqual([told.Timeout, told.MemorySize, told.Description], [8, 192, 'stays']);
  assert.equal((await invoke(server, 'f')).payload, 'second');
  await update({ Environment: { Variables: {} } });
  assert.equal((await invoke(server, 'f')).payload, null);
  await assert.rejects(update({ Timeout: 901 }), { name: 'ValidationException' });
  await assert.rejects(update({ Runtime: 'ruby2.7' }), { name: 'InvalidParameterValueException' });
  await assert.rejects(update({ RevisionId: 'old' }), { name: 'PreconditionFailedException' });
});
