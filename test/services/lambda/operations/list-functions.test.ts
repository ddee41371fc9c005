import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListFunctionsCommand, paginateListFunctions } from '@aws-sdk/client-lambda';
import { createFunction, startLambda } from '../lambda-server.ts';

test('ListFunctions returns all by name, in pages', async (context) => {
  const server = await startLambda(context);
  const { client } = server;
  assert.deepEqual((await client.send(new ListFunctionsCommand())).Functions, []);
  for (const name of ['b', 'a', 'c', 'B']) await createFunction(server, name, '');
  server.lambda.declareFunction({ name: 'aa', path: '/declared.ts', handler: 'handler' });
  const names: (string | undefined)[][] = [];
  for await (const page of paginateListFunctions({ client, pageSize: 2 }, {})) {
    names.push((page.Functions ?? []).map(({ FunctionName: name }) => name));
  }
  assert.deepEqual(names, [['B', 'a'], ['aa', 'b'], ['c']]);
  const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
  assert.equal(all.Functions?.[0]?.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:B:$LATEST');
  await assert.rejects(client.send(new ListFunctionsCommand({ Marker: '/' })), {
    name: 'InvalidParameterValueException',
  });
});
