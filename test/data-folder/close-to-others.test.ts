import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { closeToOthers } from '../../src/data-folder/close-to-others.ts';
import { clientOptions } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What others than the owner may do something with. */
async function openToOthers(folder: string): Promise<string[]> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))];
  const open: string[] = [];
  for (const name of names) {
    const info = await lstat(join(folder, name));
    if (!info.isSymbolicLink() && (info.mode & 0o077) !== 0) open.push(name);
  }
  return open;
}

test('only the owner can access what a server and a backup write', async () => {
  await using server = await startTestServer();
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('a') }));
  const s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  for (const Body of ['small', 'x'.repeat(10_000_000)]) {
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: `a/${Body.length}`, Body }));
  }
  kinesis.destroy();
  s3.destroy();
  assert.deepEqual(await openToOthers(server.dataDir), []);
  const target = join(await temporaryFolder(), 'copy');
  const { code, errors } = await runCommand([
    'backup',
    target,
    '--data-dir',
    server.dataDir,
    '--port',
    new URL(server.endpoint).port,
  ]);
  assert.equal(code, 0, errors);
  assert.deepEqual(await openToOthers(target), []);
});

test('a folder of an earlier version, or a copy, is closed to other users at start', async () => {
  await using server = await startTestServer();
  await server.stop();
  for (const name of await readdir(server.dataDir, { recursive: true })) {
    const path = join(server.dataDir, name);
    const info = await lstat(path);
    if (info.isFile()) await chmod(path, 0o644);
    else if (info.isDirectory()) await chmod(path, 0o755);
  }
  await chmod(server.dataDir, 0o755);
  await server.restart();
  assert.deepEqual(await openToOthers(server.dataDir), []);
});

for (const kind of ['code', 'layers']) {
  /** Layers could not be read after a restart by functions that run as another user. */
  test(`what is below functions/${kind} keeps the modes of its zip, and links are not followed`, async () => {
    const folder = join(await temporaryFolder(), 'data');
    const outside = await temporaryFolder();
    await chmod(outside, 0o755);
    const code = join('functions', kind, 'f');
    await mkdir(join(folder, code), { recursive: true });
    await mkdir(join(folder, 'engine'));
    await writeFile(join(folder, code, 'handler.sh'), '');
    await chmod(join(folder, code, 'handler.sh'), 0o755);
    await symlink(outside, join(folder, 'engine', 'link'));
    assert.deepEqual(await closeToOthers(folder), []);
    const below = (await openToOthers(folder)).filter(
      (name) => !name.startsWith(`functions${sep}${kind}${sep}`),
    );
    assert.deepEqual(below, []);
    assert.equal((await lstat(join(folder, code, 'handler.sh'))).mode & 0o777, 0o755);
    assert.equal((await lstat(outside)).mode & 0o777, 0o755);
  });
}
