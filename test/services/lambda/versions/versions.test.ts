import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { told, telling, updateCode } from './told.ts';
import { until } from '../../../support/until.ts';
import { createFunction, printed, sharedLambda, startLambda, type LambdaServer } from '../lambda-server.ts';

async function versionsOf(server: LambdaServer, name: string): Promise<(string | undefined)[]> {
  const { Versions: versions = [] } = await server.client.send(
    new ListVersionsByFunctionCommand({ FunctionName: name }),
  );
  return versions.map(({ Version }) => Version);
}

describe('versions of a function', () => {
  const shared = sharedLambda();

  test('a version keeps its code and configuration when the function changes', async () => {
    const { client } = shared();
    await createFunction(shared(), 'kept', telling('first'), {
      Publish: true,
      Environment: { Variables: { COLOUR: 'red' } },
    });
    const updated = await updateCode(shared(), 'kept', 'second', { Publish: true });
    assert.equal(updated.Version, '2');
    assert.match(updated.FunctionArn ?? '', /:function:kept:2$/);
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: 'kept',
        Environment: { Variables: { COLOUR: 'green' } },
      }),
    );
    assert.deepEqual(await told(shared(), 'kept'), {
      said: ['second', '$LATEST', '$LATEST', 'kept', 'green'],
      executed: '$LATEST',
    });
    assert.deepEqual(await told(shared(), 'kept', '1'), {
      said: ['first', '1', '1', 'kept:1', 'red'],
      executed: '1',
    });
    assert.deepEqual(await told(shared(), 'kept:2'), {
      said: ['second', '2', '2', 'kept:2', 'red'],
      executed: '2',
    });
    const lines = await printed(shared(), 'kept');
    assert.ok(lines.some((line) => /^START RequestId: \S+ Version: 1$/.test(line)));
    assert.deepEqual(await versionsOf(shared(), 'kept'), ['$LATEST', '1', '2']);
  });

  test('PublishVersion returns the last version when nothing has changed, and then the next number', async () => {
    const { client } = shared();
    await createFunction(shared(), 'twice', telling('first'), { Timeout: 3 });
    const publish = (options: object = {}) =>
      client.send(new PublishVersionCommand({ FunctionName: 'twice', ...options }));
    const first = await publish({ Description: 'the first' });
    assert.deepEqual(
      [first.Version, first.Description, first.FunctionArn?.split(':').at(-1)],
      ['1', 'the first', '1'],
    );
    assert.equal((await publish()).Version, '1');
    // The same code again is no change.
    assert.equal((await updateCode(shared(), 'twice', 'first', { Publish: true })).Version, '1');
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'twice', Timeout: 9 }));
    assert.equal((await publish()).Version, '2');
    await client.send(new DeleteFunctionCommand({ FunctionName: 'twice', Qualifier: '2' }));
    assert.equal((await publish()).Version, '3');
    assert.deepEqual(await versionsOf(shared(), 'twice'), ['$LATEST', '1', '3']);
    const one = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'twice', Qualifier: '1' }),
    );
    assert.deepEqual([one.Timeout, one.Version, one.State], [3, '1', 'Active']);
  });

  test('PublishVersion refuses another code and an old revision', async () => {
    const { client } = shared();
    await createFunction(shared(), 'checked', telling('first'));
    const { CodeSha256, RevisionId } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'checked' }),
    );
    const publish = (options: object) =>
      client.send(new PublishVersionCommand({ FunctionName: 'checked', ...options }));
    await assert.rejects(publish({ CodeSha256: 'other' }), {
      name: 'InvalidParameterValueException',
      message: `CodeSHA256 (other) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
    });
    await assert.rejects(publish({ RevisionId: 'old' }), { name: 'PreconditionFailedException' });
    assert.equal((await publish({ CodeSha256, RevisionId })).Version, '1');
    await assert.rejects(publish({ RevisionId }), { name: 'PreconditionFailedException' });
  });

  // Measured against AWS by https://github.com/floci-io/floci/pull/2824.
  test('DeleteFunction with a qualifier deletes that version alone', async () => {
    const { client } = shared();
    await createFunction(shared(), 'few', telling('first'), { Publish: true });
    await updateCode(shared(), 'few', 'second', { Publish: true });
    await client.send(new CreateAliasCommand({ FunctionName: 'few', Name: 'live', FunctionVersion: '2' }));
    const remove = (qualifier: string) =>
      client.send(new DeleteFunctionCommand({ FunctionName: 'few', Qualifier: qualifier }));
    await assert.rejects(remove('2'), {
      name: 'ResourceConflictException',
      message: 'Unable to delete version because the following aliases reference it: [live]',
    });
    await assert.rejects(remove('$LATEST'), {
      message: '$LATEST version cannot be deleted without deleting the function.',
    });
    await assert.rejects(remove('live'), { message: 'Deletion of aliases is not currently supported.' });
    await remove('99');
    await remove('1');
    assert.deepEqual(await versionsOf(shared(), 'few'), ['$LATEST', '2']);
    await assert.rejects(told(shared(), 'few', '1'), {
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:000000000000:function:few:1',
    });
  });

  test('GetFunction offers the code of a version', async () => {
    const { client } = shared();
    await createFunction(shared(), 'loaded', telling('first'), { Publish: true, Tags: { team: 'a' } });
    await updateCode(shared(), 'loaded', 'second');
    const found = await client.send(new GetFunctionCommand({ FunctionName: 'loaded', Qualifier: '1' }));
    const response = await fetch(found.Code?.Location ?? '');
    const bytes = Buffer.from(await response.arrayBuffer());
    const hash = createHash('sha256').update(bytes).digest('base64');
    assert.equal(hash, found.Configuration?.CodeSha256);
    assert.deepEqual(found.Tags, { team: 'a' });
  });

  test('lists are paged: versions by number, functions with all their versions', async () => {
    const { client } = shared();
    await createFunction(shared(), 'many', telling('0'), { Publish: true });
    for (let number = 2; number <= 11; number++) {
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'many', Timeout: number }));
      await client.send(new PublishVersionCommand({ FunctionName: 'many' }));
    }
    const pages: (string | undefined)[][] = [];
    let marker: string | undefined;
    do {
      const page = await client.send(
        new ListVersionsByFunctionCommand({
          FunctionName: 'many',
          MaxItems: 5,
          ...(marker === undefined ? {} : { Marker: marker }),
        }),
      );
      pages.push((page.Versions ?? []).map(({ Version }) => Version));
      marker = page.NextMarker;
    } while (marker !== undefined);
    assert.deepEqual(pages, [
      ['$LATEST', '1', '2', '3', '4'],
      ['5', '6', '7', '8', '9'],
      ['10', '11'],
    ]);
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    const arns = (all.Functions ?? []).map(({ FunctionArn: arn = '' }) => arn.split(':').slice(6).join(':'));
    assert.deepEqual(
      arns.filter((arn) => arn.startsWith('many:')),
      ['$LATEST', ...Array.from({ length: 11 }, (_, index) => index + 1)].map((version) => `many:${version}`),
    );
    const replicas = await client.send(new ListFunctionsCommand({ MasterRegion: 'eu-west-1' }));
    assert.deepEqual(replicas.Functions, []);
  });
});

test('versions survive a restart with their code, and go with their function', async (context) => {
  const server = await startLambda(context, { isolation: 'off' });
  await createFunction(server, 'f', telling('first'), { Publish: true });
  await updateCode(server, 'f', 'second');
  await server.restart();
  assert.deepEqual((await told(server, 'f', '1')).said, ['first', '1', '1', 'f:1', null]);
  const folder = join(server.folder, 'functions/code');
  assert.equal((await readdir(join(folder, 'f'))).length, 2);
  await server.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '1' }));
  await until(async () => (await readdir(join(folder, 'f'))).length === 1);
  await server.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  await until(async () => (await readdir(folder)).length === 0);
  await createFunction(server, 'f', telling('new'));
  assert.deepEqual(await versionsOf(server, 'f'), ['$LATEST']);
});
