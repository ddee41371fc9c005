import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  GetFunctionCodeSigningConfigCommand,
  GetFunctionRecursionConfigCommand,
  GetRuntimeManagementConfigCommand,
  PutFunctionRecursionConfigCommand,
  PutRuntimeManagementConfigCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, sharedLambda } from '../lambda-server.ts';

describe('what tools read of a function, and nagare has one value for', () => {
  const shared = sharedLambda({ isolation: 'off' });
  const name = { FunctionName: 'f' };

  test('no code signing configuration', async () => {
    await createFunction(shared(), 'f', '');
    const { CodeSigningConfigArn, FunctionName } = await shared().client.send(
      new GetFunctionCodeSigningConfigCommand(name),
    );
    assert.deepEqual([CodeSigningConfigArn, FunctionName], [undefined, 'f']);
    const none = new GetFunctionCodeSigningConfigCommand({ FunctionName: 'none' });
    await assert.rejects(shared().client.send(none), { name: 'ResourceNotFoundException' });
  });

  test('recursive loops are allowed, and Terminate is refused by name', async () => {
    const { client } = shared();
    const read = await client.send(new GetFunctionRecursionConfigCommand(name));
    assert.equal(read.RecursiveLoop, 'Allow');
    await client.send(new PutFunctionRecursionConfigCommand({ ...name, RecursiveLoop: 'Allow' }));
    await assert.rejects(
      client.send(new PutFunctionRecursionConfigCommand({ ...name, RecursiveLoop: 'Terminate' })),
      { message: 'nagare does not support RecursiveLoop Terminate yet' },
    );
  });

  test('the runtime is that of the machine: Auto, and other modes are refused by name', async () => {
    const { client } = shared();
    const read = await client.send(new GetRuntimeManagementConfigCommand(name));
    assert.equal(read.UpdateRuntimeOn, 'Auto');
    await client.send(new PutRuntimeManagementConfigCommand({ ...name, UpdateRuntimeOn: 'Auto' }));
    await assert.rejects(
      client.send(new PutRuntimeManagementConfigCommand({ ...name, UpdateRuntimeOn: 'FunctionUpdate' })),
      { message: 'nagare does not support UpdateRuntimeOn FunctionUpdate yet' },
    );
  });
});
