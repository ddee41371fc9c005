import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

const OLD = 'kept since version 1';

/** Objects as version 1 of the store kept them: without checksums. */
async function folderOfVersion1(): Promise<string> {
  const dataDir = join(await temporaryFolder(), 'data');
  const own = join(dataDir, 'objects/.nagare');
  const meta = {
    key: 'old.txt',
    sizeBytes: OLD.length,
    etag: createHash('md5').update(OLD).digest('hex'),
    modifiedMs: 5,
    generation: 'old',
    headers: {},
    metadata: {},
  };
  const files = {
    [join(own, 'format.json')]: '{"version":1,"foldSafe":false}\n',
    [join(own, 'buckets/photos.json')]: '{"createdMs":7}\n',
    [join(own, 'meta/photos/old.txt.json')]: JSON.stringify(meta),
    [join(dataDir, 'objects/photos/old.txt')]: OLD,
  };
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  await mkdir(join(own, 'staging'));
  return dataDir;
}

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

// A scrub beside a server once read the engine only: objects and code were never looked at.
test('a scrub makes a running server check objects and code, and objects of version 1 get checksums', async () => {
  const dataDir = await folderOfVersion1();
  await using server = await startTestServer({ dataDir });
  const options = clientOptions(server.endpoint);
  const s3 = new S3Client({ ...options, forcePathStyle: true, maxAttempts: 1 });
  const lambda = new LambdaClient(options);
  await s3.send(new PutObjectCommand({ Bucket: 'photos', Key: 'cat.jpg', Body: 'a picture of a cat' }));
  const ZipFile = zipSync({ 'index.mjs': Buffer.from('export const handler = async () => 1;') });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Role: 'arn:aws:iam::000000000000:role/r',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile },
    }),
  );
  const scrub = () => runCommand(['scrub', '--data-dir', dataDir, '--endpoint', server.endpoint]);
  const whole = await scrub();
  assert.equal(whole.code, 0, whole.errors);
  assert.match(whole.output, /, 2 objects, 1 function: no damage found\n$/);

  const old = join(dataDir, 'objects/photos/old.txt');
  await flip(old, 3);
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: 'photos', Key: 'old.txt' })));
  await flip(join(dataDir, 'objects/photos/cat.jpg'), 2);
  const [version = ''] = await readdir(join(dataDir, 'functions/code/f'));
  await flip(join(dataDir, 'functions/code/f', version, 'code.zip'), 40);
  const damaged = await scrub();
  assert.equal(damaged.code, 1);
  assert.match(
    damaged.output,
    /checksum: bucket photos, key cat\.jpg \(objects\/photos\/cat\.jpg, byte 0\)\n/,
  );
  assert.match(damaged.output, /checksum: bucket photos, key old\.txt /);
  assert.match(damaged.output, /function f \(functions\/code\/f\/.*code\.zip\)\n/);
  assert.match(damaged.output, /, 2 objects, 1 function: 3 problems\n$/);
  s3.destroy();
  lambda.destroy();
});

test('a scrub reports when no server, or another one, answers for a folder that is in use', async () => {
  await using server = await startTestServer();
  await using other = await startTestServer();
  const scrub = (endpoint: string) =>
    runCommand(['scrub', '--data-dir', server.dataDir, '--endpoint', endpoint]);
  const unanswered = await scrub('http://127.0.0.1:1');
  assert.match(unanswered.errors, /a server is using .*, but none answers at http:\/\/127\.0\.0\.1:1;/);
  assert.match((await scrub(other.endpoint)).errors, /this server's data folder is /);
});

test('a scrub request is only accepted from the command', async () => {
  await using server = await startTestServer();
  const answer = await fetch(`${server.endpoint}/_nagare/scrub`);
  assert.equal(answer.status, 403);
});
