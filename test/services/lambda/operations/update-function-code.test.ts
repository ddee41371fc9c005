import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { createFunction, invoke, sharedLambda, zip } from '../lambda-server.ts';
import { until } from '../../../support/until.ts';

function version(text: string): Uint8Array {
  return zip({
    'index.mjs': `export const handler = async (event) => {
    if (event.slow) await new Promise((done) => setTimeout(done, 500));
    return ${JSON.stringify(text)};
  }`,
  });
}

describe('UpdateFunctionCode', () => {
  const shared = sharedLambda();

  test('later invocations run the new code; those in progress finish with the old', async () => {
    const { client, folder } = shared();
    await createFunction(shared(), 'changing', '', { Code: { ZipFile: version('first') } });
    assert.equal((await invoke(shared(), 'changing')).payload, 'first');
    const slow = client.send(new InvokeCommand({ FunctionName: 'changing', Payload: '{"slow":true}' }));
    const updated = await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'changing', ZipFile: version('second') }),
    );
    assert.equal(updated.LastUpdateStatus, 'Successful');
    assert.equal((await invoke(shared(), 'changing')).payload, 'second');
    const text = (await slow).Payload?.transformToString();
    assert.ok(text === '"first"' || text === '"second"');
    await until(async () => (await readdir(join(folder, 'functions/code/changing'))).length === 1, {
      what: 'the old code is gone',
    });
  });

  test('the same code again has no effect', async () => {
    const code = { FunctionName: 'same', ZipFile: version('same') };
    await createFunction(shared(), 'same', '', { Code: { ZipFile: code.ZipFile } });
    await Promise.all([1, 2, 3].map(() => shared().client.send(new UpdateFunctionCodeCommand(code))));
    assert.equal((await invoke(shared(), 'same')).payload, 'same');
  });

  test('refuses an old revision, an unknown function and an invalid zip, and changes nothing', async () => {
    const { client } = shared();
    await createFunction(shared(), 'kept', '', { Code: { ZipFile: version('kept') } });
    const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'kept' }));
    const update = (change: object) =>
      client.send(
        new UpdateFunctionCodeCommand({ FunctionName: 'kept', ZipFile: version('new'), ...change }),
      );
    await assert.rejects(update({ RevisionId: 'old' }), { name: 'PreconditionFailedException' });
    await assert.rejects(update({ FunctionName: 'none' }), { name: 'ResourceNotFoundException' });
    await assert.rejects(update({ ZipFile: Buffer.from('broken') }), {
      name: 'InvalidParameterValueException',
    });
    await assert.rejects(update({ PublishTo: 'LATEST_PUBLISHED' }), /nagare does not support PublishTo yet/);
    const after = await client.send(new GetFunctionConfigurationCommand({ FunctionName: 'kept' }));
    assert.equal(after.RevisionId, before.RevisionId);
    assert.equal((await invoke(shared(), 'kept')).payload, 'kept');
    await update({ RevisionId: before.RevisionId });
    assert.equal((await invoke(shared(), 'kept')).payload, 'new');
  });
});
