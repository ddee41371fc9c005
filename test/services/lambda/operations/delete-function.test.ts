import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeleteFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { createFunction, invoke, startLambda } from '../lambda-server.ts';

test('DeleteFunction lets invocations finish, and leaves only the log', async (context) => {
  const server = await startLambda(context);
  const { client } = server;
  const source = `export const handler = async () => {
    console.log('begun');
    await new Promise((done) => setTimeout(done, 300));
    return 'ended';
  };`;
  await createFunction(server, 'f', source);
  const running = client.send(new InvokeCommand({ FunctionName: 'f' }));
  await createFunction(server, 'g', 'export const handler = async () => 1;');
  await invoke(server, 'g');
  const deleted = await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: 'f' })), {
    name: 'ResourceNotFoundException',
  });
  await assert.rejects(client.send(new DeleteFunctionCommand({ FunctionName: 'f' })), {
    name: 'ResourceNotFoundException',
  });
  assert.equal((await running).Payload?.transformToString(), '"ended"');
  await createFunction(server, 'f', 'export const handler = async () => "another";');
  assert.equal((await invoke(server, 'f')).payload, 'another');
  await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  await server.restart();
  assert.deepEqual(await readdir(join(server.folder, 'functions/code')), ['g']);
  assert.deepEqual((await readdir(join(server.folder, 'functions/logs'))).sort(), ['f', 'g']);
});
