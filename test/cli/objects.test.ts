import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../support/command.ts';
import { startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startTestServer();
});

after(() => server.close());

function nagare(...args: string[]) {
  return runCommand([...args, '--endpoint-url', server.endpoint]);
}

test('buckets are created, listed and deleted', async () => {
  assert.equal((await nagare('bucket', 'create', 'short')).output, 'short is created\n');
  assert.match((await nagare('bucket', 'ls')).output, /^short\t\d{4}-\d\d-\d\dT[\d:.]+Z$/m);
  const asked = await nagare('bucket', 'rm', 'short');
  assert.equal(asked.code, 2);
  assert.match(asked.errors, /^nagare: this deletes the bucket short, if it has no objects\n/);
  assert.equal((await nagare('bucket', 'rm', 'short', '--yes')).output, 'short is deleted\n');
  const gone = await nagare('bucket', 'rm', 'short', '--yes');
  assert.equal(gone.code, 4);
  assert.match(gone.errors, /try: nagare bucket ls\n$/);
});

test('objects are written, listed, described, read and deleted, whatever their keys are', async () => {
  await nagare('bucket', 'create', 'lake');
  const folder = await temporaryFolder();
  const file = join(folder, 'content');
  await writeFile(file, 'one\ntwo\n');
  // What a shell, a URL and a signature each take for something else.
  for (const key of ['a/b c.txt', "it's (1)!*+%.txt", 'a/../x', 'ä/ü.txt', 'plain']) {
    const put = await nagare('object', 'put', `s3://lake/${key}`, file, '--content-type', 'text/plain');
    assert.equal(put.output, `s3://lake/${key} has 8 B\n`, put.errors);
    assert.equal((await nagare('object', 'get', `lake/${key}`)).output, 'one\ntwo\n', key);
  }
  const top = (await nagare('object', 'ls', 'lake')).output.trim().split('\n');
  assert.deepEqual(
    top.map((line) => line.split('\t').slice(0, 2)),
    [
      ['a/', '-'],
      ["it's (1)!*+%.txt", '8'],
      ['plain', '8'],
      ['ä/', '-'],
    ],
  );
  const below = (await nagare('object', 'ls', 's3://lake/a/', '--recursive', '--ndjson')).output.trim();
  assert.deepEqual(
    below.split('\n').map((line) => (JSON.parse(line) as { Key: string }).Key),
    ['a/../x', 'a/b c.txt'],
  );
  assert.equal((await nagare('object', 'ls', 'lake', '--limit', '1')).output, 'a/\t-\t-\n');
  const described = JSON.parse((await nagare('object', 'info', 'lake/plain', '--json')).output) as object;
  assert.partialDeepStrictEqual(described, { Key: 'plain', ContentLength: 8, ContentType: 'text/plain' });
  const part = await nagare('object', 'get', 'lake/plain', '--range', 'bytes=-4');
  assert.equal(part.output, 'two\n');
  const copy = join(folder, 'copy');
  assert.equal(
    (await nagare('object', 'get', 'lake/plain', copy)).output,
    `s3://lake/plain is in ${copy} (8 B)\n`,
  );
  assert.equal(await readFile(copy, 'utf8'), 'one\ntwo\n');
  assert.deepEqual((await readdir(folder)).toSorted(), ['content', 'copy']);
  const asked = await nagare('object', 'rm', 's3://lake/a/b c.txt');
  assert.equal(asked.code, 2);
  assert.match(asked.errors, /^nagare: this deletes s3:\/\/lake\/a\/b c\.txt \(8 B\)\n/);
  assert.match(asked.errors, /try: nagare object rm 's3:\/\/lake\/a\/b c\.txt' --endpoint-url \S+ --yes\n$/);
  assert.equal((await nagare('object', 'rm', 'lake/plain', '--yes')).output, 's3://lake/plain is deleted\n');
  for (const verb of ['get', 'info', 'rm'])
    assert.equal((await nagare('object', verb, 'lake/plain')).code, 4, verb);
  assert.equal((await nagare('object', 'ls', 'no-such-bucket')).code, 4);
});

test('an object comes from standard input, and a terminal is not made to obey it', async () => {
  await nagare('bucket', 'create', 'piped');
  const args = ['object', 'put', 's3://piped/x', '--endpoint-url', server.endpoint];
  const put = await runCommand(args, {}, { input: 'a\u001B[2J\nb\n' });
  assert.equal(put.output, 's3://piped/x has 8 B\n', put.errors);
  const get = ['object', 'get', 's3://piped/x', '--endpoint-url', server.endpoint];
  assert.equal((await runCommand(get)).output, 'a\u001B[2J\nb\n');
  assert.equal((await runCommand(get, {}, { columns: 80 })).output, 'a\\e[2J\nb\n');
});

test('a file that is larger than what is read at once arrives whole', async () => {
  await nagare('bucket', 'create', 'large');
  const folder = await temporaryFolder();
  const content = randomBytes(300_000);
  await writeFile(join(folder, 'large'), content);
  const put = await nagare('object', 'put', 'large/x', join(folder, 'large'));
  assert.equal(put.code, 0, put.errors);
  await nagare('object', 'get', 'large/x', join(folder, 'copy'));
  assert.ok(content.equals(await readFile(join(folder, 'copy'))));
});

test('a place that is no object is refused as part of the command line', async () => {
  for (const args of [
    ['get', 'lake'],
    ['get', 's3://lake/'],
    ['rm', 's3:///x', '--yes'],
    ['ls', 's3://'],
    ['get', 'lake/x', '--json'],
    ['put', 'lake/x', '.'],
  ]) {
    assert.equal((await nagare('object', ...args)).code, 2, args.join(' '));
  }
  assert.equal((await nagare('bucket', 'create', 'a/b')).code, 2);
});

test('keys that the server refuses are exit code 6, and no server is named', async () => {
  const guarded = await startTestServer({
    auth: 'required',
    rootKey: {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'a-secret-of-forty-characters-is-enough!',
    },
  });
  try {
    const where = ['--endpoint-url', guarded.endpoint];
    for (const args of [
      ['bucket', 'ls'],
      ['object', 'info', 'b/k'],
      ['topic', 'ls'],
      ['channel', 'ls'],
    ]) {
      const { code, errors } = await runCommand([...args, ...where]);
      assert.equal(code, 6, `${args.join(' ')}: ${errors}`);
      assert.match(errors, /try: nagare env\n$/);
    }
  } finally {
    await guarded.close();
  }
  const { code, errors } = await runCommand(['bucket', 'ls', '--endpoint-url', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(errors, /^nagare: no server answers at http:\/\/127\.0\.0\.1:1\n/);
});
