import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { runCommand } from '../../../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../../../support/server.ts';
import { role, zip } from '../lambda-server.ts';

const LAYER = "module.exports = 'the layer';";
const SOURCE = "import one from 'one'; export const handler = async () => one;";

async function invoked(endpoint: string): Promise<string | undefined> {
  const client = new LambdaClient(clientOptions(endpoint));
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'f', Qualifier: '1' }));
  client.destroy();
  return Payload?.transformToString();
}

test('verify and repair know the code of versions and of layers, and damaged files are not executed', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  {
    await using server = await startTestServer({ dataDir });
    const client = new LambdaClient(clientOptions(server.endpoint));
    const layer = await client.send(
      new PublishLayerVersionCommand({
        LayerName: 'l',
        Content: { ZipFile: zip({ 'nodejs/node_modules/one/index.js': LAYER }) },
      }),
    );
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'f',
        Runtime: 'nodejs24.x',
        Role: role,
        Handler: 'index.handler',
        Code: { ZipFile: zip({ 'index.mjs': SOURCE }) },
        Layers: [layer.LayerVersionArn ?? ''],
        Publish: true,
      }),
    );
    await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: zip({ 'index.mjs': '' }) }),
    );
    assert.equal(await invoked(server.endpoint), '"the layer"');
    client.destroy();
    await server.stop();
  }
  const verify = async () => (await runCommand(['verify', '--data-dir', dataDir])).output;
  assert.match(await verify(), /, 2 functions, 1 layer: no damage found\n$/);
  const [hash = ''] = await readdir(join(dataDir, 'functions/layers/l'));
  const path = join(dataDir, 'functions/layers/l', hash, 'code/nodejs/node_modules/one/index.js');
  await writeFile(path, "module.exports = 'another';");
  assert.match(await verify(), /it differs from the uploaded file: layer l \(functions\/layers\/l\//);
  {
    await using server = await startTestServer({ dataDir });
    assert.equal(await invoked(server.endpoint), '"the layer"');
    await server.stop();
  }
  await writeFile(path, "module.exports = 'another';");
  assert.match(
    (await runCommand(['repair', '--data-dir', dataDir])).output,
    /1 problem repaired, nothing lost\n$/,
  );
  assert.equal(await readFile(path, 'utf8'), LAYER);
});
