import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

const clientOf = (endpoint: string): S3Client =>
  new S3Client({ ...clientOptions(endpoint), forcePathStyle: true, maxAttempts: 1 });

async function folderWithObjects(): Promise<string> {
  const dataDir = join(await temporaryFolder(), 'data');
  await using server = await startTestServer({ dataDir });
  const client = clientOf(server.endpoint);
  await client.send(new CreateBucketCommand({ Bucket: 'photos' }));
  for (const Key of ['cat.jpg', 'dog.jpg', 'old/lost.jpg']) {
    await client.send(new PutObjectCommand({ Bucket: 'photos', Key, Body: `picture of ${Key}`.repeat(50) }));
  }
  client.destroy();
  await server.stop();
  return dataDir;
}

test('verify names damaged objects; repair sets them aside and says what is lost', async () => {
  const dataDir = await folderWithObjects();
  const whole = await runCommand(['verify', '--data-dir', dataDir]);
  assert.match(whole.output, /, 3 objects: no damage found\n$/);
  const cat = join(dataDir, 'objects/photos/cat.jpg');
  const bytes = await readFile(cat);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  await writeFile(cat, bytes);
  await rm(join(dataDir, 'objects/photos/old%/lost.jpg'), { force: true });
  await rm(join(dataDir, 'objects/photos/old/lost.jpg'), { force: true });

  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(verified.code, 1);
  assert.match(
    verified.output,
    /bytes 0 to \d+ do not match their checksum: bucket photos, key cat\.jpg \(objects\/photos\/cat\.jpg, byte 0\)\n/,
  );
  assert.match(
    verified.output,
    /its file is missing: bucket photos, key old\/lost\.jpg \(objects\/photos\/old\/lost\.jpg\)\n/,
  );
  assert.match(verified.output, /3 objects: 2 problems\n$/);
  assert.equal((await runCommand(['scrub', '--data-dir', dataDir])).code, 1);

  const planned = await runCommand(['repair', '--dry-run', '--data-dir', dataDir]);
  assert.equal(planned.code, 0);
  assert.match(
    planned.output,
    /lost: bucket photos, key cat\.jpg\nlost: bucket photos, key old\/lost\.jpg\n/,
  );
  assert.match(planned.output, /2 problems can be repaired, 2 objects lost; nothing changed \(dry run\)\n$/);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 1);

  const repaired = await runCommand(['repair', '--data-dir', dataDir]);
  assert.equal(repaired.code, 0);
  assert.match(repaired.output, /damaged file kept: objects\/\.nagare\/damaged\/photos\/cat\.jpg\n/);
  assert.match(repaired.output, /2 problems repaired, 2 objects lost\n$/);
  assert.deepEqual(await readFile(join(dataDir, 'objects/.nagare/damaged/photos/cat.jpg')), bytes);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);

  await using server = await startTestServer({ dataDir });
  const client = clientOf(server.endpoint);
  const dog = await client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'dog.jpg' }));
  assert.match((await dog.Body?.transformToString()) ?? '', /^picture of dog/);
  await assert.rejects(client.send(new GetObjectCommand({ Bucket: 'photos', Key: 'cat.jpg' })), {
    name: 'NoSuchKey',
  });
  client.destroy();
});

test('a torn format.json stops the start with one line, and repair rewrites it', async () => {
  const dataDir = await folderWithObjects();
  const format = join(dataDir, 'objects/.nagare/format.json');
  const before = await readFile(format, 'utf8');
  await writeFile(format, before.slice(0, 12));
  const started = await runCommand(['start', '--data-dir', dataDir, '--port', '0']);
  assert.equal(started.code, 1);
  assert.match(started.errors, /^nagare: [^\n]*format\.json is damaged: run `nagare repair`[^\n]*\n$/);
  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.match(verified.output, /its content is damaged: objects\/\.nagare\/format\.json\n/);
  assert.equal((await runCommand(['repair', '--data-dir', dataDir])).code, 0);
  assert.equal(await readFile(format, 'utf8'), before);
  assert.equal((await runCommand(['verify', '--data-dir', dataDir])).code, 0);
});
