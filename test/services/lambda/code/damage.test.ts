import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { runCommand } from '../../../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../../../support/server.ts';
import { createFunction, invoke, startLambda, zip, type LambdaServer } from '../lambda-server.ts';

const SOURCE = 'export const handler = async () => "the original text";';
const CHANGED = 'export const handler = async () => "tHe original text";';

async function codeFolder(server: LambdaServer): Promise<string> {
  const folder = join(server.folder, 'functions', 'code', 'f');
  const [version = ''] = await readdir(folder);
  return join(folder, version);
}

/** A bit flipped in a function's code was executed. */
test('changed code is unpacked again before it is executed', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'f', SOURCE);
  const folder = join(await codeFolder(server), 'code');
  const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('js'));
  await writeFile(join(folder, name), CHANGED);
  await server.restart();
  assert.equal((await invoke(server, 'f')).payload, 'the original text');
  assert.equal(await readFile(join(folder, name), 'utf8'), SOURCE);

  await rm(join(folder, name));
  await server.restart();
  assert.equal((await invoke(server, 'f')).payload, 'the original text');
});

test('a function with a damaged zip is not executed, and its zip is not returned', async (context) => {
  const server = await startLambda(context);
  await createFunction(server, 'f', SOURCE);
  const path = join(await codeFolder(server), 'code.zip');
  const bytes = await readFile(path);
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await server.restart();
  await assert.rejects(invoke(server, 'f'), /the code of the function f is damaged on disk/);
  const download = await fetch(`${server.endpoint}/_nagare/functions/f/code.zip`);
  assert.notEqual(download.status, 200);
});

test('verify names the function whose code is damaged, and repair unpacks it again', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  {
    await using server = await startTestServer({ dataDir });
    const client = new LambdaClient(clientOptions(server.endpoint));
    const ZipFile = zip({ 'index.mjs': SOURCE });
    const rest = { Role: 'arn:aws:iam::000000000000:role/r', Handler: 'index.handler', Code: { ZipFile } };
    await client.send(new CreateFunctionCommand({ FunctionName: 'f', Runtime: 'nodejs22.x', ...rest }));
    client.destroy();
    await server.stop();
  }
  assert.match(
    (await runCommand(['verify', '--data-dir', dataDir])).output,
    /, 1 function: no damage found\n$/,
  );
  const folder = join(dataDir, 'functions/code/f');
  const [version = ''] = await readdir(folder);
  await writeFile(join(folder, version, 'code/index.mjs'), CHANGED);
  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.match(
    verified.output,
    /it differs from the uploaded file: function f \(functions\/code\/f\/[0-9a-f]{64}\/code\/index\.mjs\)\n/,
  );
  assert.match(
    (await runCommand(['repair', '--data-dir', dataDir])).output,
    /1 problem repaired, nothing lost\n$/,
  );
  assert.equal(await readFile(join(folder, version, 'code/index.mjs'), 'utf8'), SOURCE);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);
});
