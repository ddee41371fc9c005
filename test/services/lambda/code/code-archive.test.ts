import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  DeleteFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import { CodeArchive, type ArchivedCodeRow } from '../../../../src/services/lambda/code/code-archive.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';
import { createFunction, invoke, startLambda, zip } from '../lambda-server.ts';

async function openArchive(context: TestContext) {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  context.after(() => engine.close());
  const rows = engine.catalog.table<ArchivedCodeRow>('lambda.code');
  return { engine, rows, archive: new CodeArchive(engine, 'code') };
}

function sumOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

test('returns zips of any size as they were put, for functions and layers of the same name', async (context) => {
  const { engine, archive } = await openArchive(context);
  const layers = new CodeArchive(engine, 'layers');
  for (const size of [1, 1024 * 1024, 3 * 1024 * 1024 + 1]) {
    const bytes = randomBytes(size);
    await archive.put('f', sumOf(bytes), bytes);
    assert.equal(await layers.read('f', sumOf(bytes)), undefined);
    assert.ok((await archive.read('f', sumOf(bytes)))?.equals(bytes));
  }
});

test('removes what no function uses with its bytes, also what a crash has left incomplete', async (context) => {
  const { engine, rows, archive } = await openArchive(context);
  const [kept, gone] = [randomBytes(100), randomBytes(100)];
  await archive.put('f', sumOf(kept), kept);
  await archive.put('f', sumOf(gone), gone);
  await archive.put('g', sumOf(kept), kept);
  const [log = 0] = await engine.createLogs(1);
  const incomplete = { kind: 'code', name: 'f', sha256: 'a', log, isComplete: false } as const;
  await engine.catalog.commit((transaction) => transaction.put(rows, 'code/f/a', incomplete));
  const logs = [...rows.entries()].map(([, row]) => row.log);
  await archive.removeAllBut(new Map([['f', new Set([sumOf(kept), 'a'])]]));
  const left = [...rows.entries()].map(([, row]) => row);
  assert.deepEqual(
    left.map(({ name, sha256 }) => [name, sha256]),
    [['f', sumOf(kept)]],
  );
  const withBytes = logs.filter((one) => engine.bounds(one).nextIndex > engine.bounds(one).firstIndex);
  assert.deepEqual(
    withBytes,
    left.map((row) => row.log),
  );
});

/** The upload of the same zip was taken for the one that is there, although a piece of that was lost. */
test('an upload replaces code that is incomplete or damaged in the engine', async (context) => {
  const { engine, rows, archive } = await openArchive(context);
  const bytes = randomBytes(2 * 1024 * 1024);
  await archive.put('f', sumOf(bytes), bytes);
  const [, row] = [...rows.entries()][0] ?? assert.fail();
  await engine.trim(row.log, 1);
  await archive.put('f', sumOf(bytes), bytes);
  assert.ok((await archive.read('f', sumOf(bytes)))?.equals(bytes));
});

test('a machine without the files of functions and layers takes them from the engine', async (context) => {
  const server = await startLambda(context, { sharesLog: true });
  const layer = await server.client.send(
    new PublishLayerVersionCommand({
      LayerName: 'l',
      Content: { ZipFile: zip({ 'nodejs/node_modules/l/index.js': "module.exports = 'of the layer'" }) },
    }),
  );
  const source = "const l = require('l'); exports.handler = async () => `ONE ${l}`;";
  await createFunction(server, 'f', source, {
    Handler: 'index.handler',
    Layers: [layer.LayerVersionArn ?? ''],
    Code: { ZipFile: zip({ 'index.js': source }) },
  });
  await server.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
  const ZipFile = zip({ 'index.js': source.replace('ONE', 'TWO') });
  await server.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile }));

  const folder = join(server.folder, 'functions');
  await rm(folder, { recursive: true });
  await server.restart();
  assert.equal((await invoke(server, 'f')).payload, 'TWO of the layer');
  assert.equal((await invoke(server, 'f:1')).payload, 'ONE of the layer');
  const download = await fetch(`${server.endpoint}/_nagare/functions/f/code.zip`);
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), Buffer.from(ZipFile));

  // Damaged files are replaced too, the zip and what was unpacked from it.
  const code = join(folder, 'code', 'f', Buffer.from(sumOf(ZipFile), 'base64').toString('hex'));
  await writeFile(join(code, 'code.zip'), 'damaged');
  await writeFile(join(code, 'code', 'index.js'), 'damaged');
  await server.restart();
  assert.equal((await invoke(server, 'f')).payload, 'TWO of the layer');
  assert.ok((await readFile(join(code, 'code.zip'))).equals(ZipFile));
});

test('the engine keeps the code of no function that is gone', async (context) => {
  const server = await startLambda(context, { sharesLog: true });
  await createFunction(server, 'f', 'export const handler = async () => 1;');
  const rows = server.engine.catalog.table<ArchivedCodeRow>('lambda.code');
  const [first] = [...rows.entries()];
  const log = first?.[1].log ?? assert.fail();
  await server.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  await until(() => rows.size === 0);
  assert.equal(server.engine.bounds(log).nextIndex - server.engine.bounds(log).firstIndex, 0);
});
