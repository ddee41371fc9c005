import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, invoke, sharedLambda } from '../lambda-server.ts';

describe('PutFunctionConcurrency', () => {
  const shared = sharedLambda();
  const reserve = (name: string, executions: number) =>
    shared().client.send(
      new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: executions }),
    );

  test('0 stops a function and all its versions, until the reservation is deleted', async () => {
    const { client } = shared();
    await createFunction(shared(), 'stopped', 'export const handler = async () => 1;', { Publish: true });
    assert.equal((await invoke(shared(), 'stopped')).payload, 1);
    await reserve('stopped', 0);
    await shared().restart();
    for (const qualifier of ['$LATEST', '1']) {
      const call = client.send(new InvokeCommand({ FunctionName: 'stopped', Qualifier: qualifier }));
      await assert.rejects(call, {
        name: 'TooManyRequestsException',
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      });
    }
    const name = { FunctionName: 'stopped' };
    const read = await client.send(new GetFunctionConcurrencyCommand(name));
    assert.equal(read.ReservedConcurrentExecutions, 0);
    const { Concurrency } = await client.send(new GetFunctionCommand(name));
    assert.deepEqual(Concurrency, { ReservedConcurrentExecutions: 0 });
    await client.send(new DeleteFunctionConcurrencyCommand(name));
    assert.equal((await invoke(shared(), 'stopped')).payload, 1);
    const none = await client.send(new GetFunctionConcurrencyCommand(name));
    assert.equal(none.ReservedConcurrentExecutions, undefined);
  });

  test('is shared by all versions of the function, and changes without a new process', async () => {
    const { client } = shared();
    const source = `let calls = 0; export const handler = async () => {
      await new Promise((done) => setTimeout(done, 50)); return [process.pid, ++calls]; };`;
    await createFunction(shared(), 'shared', source);
    const first = (await invoke(shared(), 'shared')).payload;
    await client.send(new PublishVersionCommand({ FunctionName: 'shared' }));
    await reserve('shared', 1);
    const [pid, calls] = first as [number, number];
    assert.deepEqual((await invoke(shared(), 'shared')).payload, [pid, calls + 1]);
    // One process at a time: that of the other version ends before this one starts.
    const results = await Promise.all(['shared', 'shared:1', 'shared'].map((name) => invoke(shared(), name)));
    assert.deepEqual(
      results.map(({ error }) => error),
      [undefined, undefined, undefined],
    );
  });

  test('leaves 100 of the 1,000 executions of the account unreserved', async () => {
    const { client } = shared();
    await createFunction(shared(), 'much', '');
    await createFunction(shared(), 'more', '');
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'shared' }));
    await reserve('much', 500);
    await reserve('more', 399);
    await reserve('more', 400);
    await assert.rejects(reserve('more', 401), {
      name: 'InvalidParameterValueException',
      message:
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    });
    const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand({}));
    assert.deepEqual(AccountLimit, {
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 100,
    });
    assert.ok((AccountUsage?.TotalCodeSize ?? 0) > 100);
    await assert.rejects(reserve('much:$LATEST', 1), {
      message: /^This operation is permitted on Lambda functions only\./,
    });
    await assert.rejects(reserve('none', 1), { name: 'ResourceNotFoundException' });
  });
});
