import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { runCommand } from '../../support/command.ts';
import { startTestServer, temporaryFolder } from '../../support/server.ts';

const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMIsecretbPxRfiCYEXAMPLEKEY' };

test('support writes an archive without secrets and data', async () => {
  await using server = await startTestServer({
    rootKey,
    metricsToken: { token: 'token-of-16-chars', file: '/t' },
  });
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'token'), 'another-secret-token');
  const environment = {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: rootKey.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootKey.secretAccessKey,
    NAGARE_METRICS_TOKEN_FILE: join(folder, 'token'),
    NAGARE_DATA_DIR: server.dataDir,
    PRIVATE_THING: 'private-thing',
  };
  const nagare = (...args: string[]) => runCommand(args, environment, { workingFolder: folder });
  await nagare('stream', 'create', 'orders-of-acme');
  await nagare('put', 'orders-of-acme', 'the-data-itself', '--key', 'the-key-itself');
  const made = await nagare('support', '--output', 'a.tar.gz');
  assert.match(
    made.output,
    /a\.tar\.gz \(.*\) has machine\.json, settings\.json, .*; look at it/,
    made.errors,
  );
  assert.equal((await stat(join(folder, 'a.tar.gz'))).mode & 0o777, 0o600);
  const content = gunzipSync(await readFile(join(folder, 'a.tar.gz'))).toString();
  const secrets = [
    rootKey.secretAccessKey,
    'token-of-16-chars',
    'another-secret-token',
    'private-thing',
    'the-data-itself',
    Buffer.from('the-data-itself').toString('base64'),
    'the-key-itself',
  ];
  assert.deepEqual(
    secrets.filter((secret) => content.includes(secret)),
    [],
  );
  assert.match(content, /"StreamName": "orders-of-acme"/);
  assert.match(content, /nagare_kinesis_incoming_records_total\{stream="orders-of-acme"\} 1/);
  // A real tar reads it.
  const { stdout } = await promisify(execFile)('tar', ['-tzf', join(folder, 'a.tar.gz')]);
  assert.deepEqual(stdout.trim().split('\n').length, 7);
  await nagare('support', '--output', 'b.tar.gz', '--hide-names');
  assert.ok(!gunzipSync(await readFile(join(folder, 'b.tar.gz'))).includes('acme'));
  // It never replaces a file.
  assert.equal((await nagare('support', '--output', 'b.tar.gz')).code, 1);
});

test('support says in the archive what it could not get', async () => {
  const folder = await temporaryFolder();
  const args = ['support', '--output', 'a.tar.gz', '--endpoint-url', 'http://127.0.0.1:1'];
  const { code, errors } = await runCommand(args, {}, { workingFolder: folder });
  assert.equal(code, 0, errors);
  assert.match(errors, /about this machine only: no server answers/);
  const content = gunzipSync(await readFile(join(folder, 'a.tar.gz'))).toString();
  assert.match(content, /"failed": "no server answers at http:\/\/127\.0\.0\.1:1"/);
});
