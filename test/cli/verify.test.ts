import assert from 'node:assert/strict';
import { mkdir, open, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

/** A data folder with a stream and some records, of a server that has stopped. */
async function dataFolder(): Promise<string> {
  const dataDir = join(await temporaryFolder(), 'data');
  const server = await startTestServer({ dataDir });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  for (let index = 0; index < 20; index++) {
    await kinesis.send(
      new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.alloc(500, index) }),
    );
  }
  kinesis.destroy();
  await server.close();
  return dataDir;
}

/** Flips a byte among the records. */
async function harm(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'engine', 'segments');
  const [name = ''] = (await readdir(folder)).sort();
  const file = await open(join(folder, name), 'r+');
  const { size } = await file.stat();
  const place = Math.floor(size / 2);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, place);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0xff]), 0, 1, place);
  await file.close();
  return name;
}

test('verify prints what it read of an undamaged store', async () => {
  const dataDir = await dataFolder();
  const { code, output } = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(code, 0);
  assert.match(output, /^1 file, \d+ commits, \d+ records: no damage found\n$/);
});

test('a damaged file is named, and repair makes the store startable again', async () => {
  const dataDir = await dataFolder();
  const name = await harm(dataDir);
  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(verified.code, 1);
  assert.ok(verified.output.includes(name));
  assert.match(verified.errors, /nagare repair/);
  const repaired = await runCommand(['repair', '--data-dir', dataDir]);
  assert.equal(repaired.code, 0);
  assert.match(repaired.output, /1 problem repaired, \d+ records? lost/);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);
  await using server = await startTestServer({ dataDir });
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);
});

test('a system error about the folder is one line, without a stack', async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, 'engine'));
  await symlink('segments', join(dataDir, 'engine', 'segments'));
  for (const command of ['verify', 'repair']) {
    const { code, errors } = await runCommand([command, '--data-dir', dataDir]);
    assert.equal(code, 1);
    assert.ok(
      errors.startsWith(`nagare: cannot use the data folder ${dataDir}: too many symbolic links `),
      errors,
    );
    assert.equal(errors.split('\n').length, 2, errors);
  }
});

test('neither command touches the folder of a running server, nor creates a data folder', async () => {
  await using server = await startTestServer();
  for (const command of ['verify', 'repair']) {
    const running = await runCommand([command, '--data-dir', server.dataDir]);
    assert.equal(running.code, 1);
    assert.match(running.errors, /is in use by another nagare process/);
    const none = await runCommand([command, '--data-dir', '/nowhere']);
    assert.equal(none.code, 1);
    assert.match(none.errors, /\/nowhere is not a nagare data folder/);
  }
});
