import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { presigned } from '../../src/auth/presign.ts';
import { clientOptions, spawnServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const KEY = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'the-secret-of-the-root-key' };
const withRootKey = {
  NAGARE_ROOT_ACCESS_KEY_ID: KEY.accessKeyId,
  NAGARE_ROOT_SECRET_ACCESS_KEY: KEY.secretAccessKey,
};

type Line = Readonly<Record<string, unknown>>;

function requestsIn(output: string): Line[] {
  return output
    .split('\n')
    .filter((line) => line.includes('"msg":"request"'))
    .map((line) => JSON.parse(line) as Line);
}

test('with --log-level debug each request is one line: who, what, from where, and how it ended', async () => {
  await using server = await spawnServer({
    args: ['--log-level', 'debug', '--log-format', 'json'],
    env: withRootKey,
  });
  const right = new S3Client({ ...clientOptions(server.endpoint), credentials: KEY, forcePathStyle: true });
  const wrong = new S3Client({
    ...clientOptions(server.endpoint),
    credentials: { accessKeyId: KEY.accessKeyId, secretAccessKey: 'wrong' },
    forcePathStyle: true,
  });
  await right.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await right.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'content of the object' }));
  const url = new URL(`${server.endpoint}/bucket/k`);
  await fetch(presigned(url, KEY, { region: 'us-east-1', service: 's3' }, new Date(), 60));
  await assert.rejects(wrong.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body: 'other' })));
  await fetch(`${server.endpoint}/_nagare/apply?with=query`, { method: 'POST' });

  await until(() => requestsIn(server.errorOutput).length >= 5);
  const lines = requestsIn(server.errorOutput);
  const root = 'arn:aws:iam::000000000000:root';
  assert.deepEqual(
    lines.map(({ operation, request, status, errorCode, principal, accessKeyId, from }) => [
      operation ?? request,
      status,
      errorCode,
      principal,
      accessKeyId,
      from,
    ]),
    [
      ['CreateBucket', 200, undefined, root, 'AKIAROOTKEY', '127.0.0.1'],
      ['PutObject', 200, undefined, root, 'AKIAROOTKEY', '127.0.0.1'],
      ['GetObject', 403, 'SignatureDoesNotMatch', undefined, 'AKIAROOTKEY', '127.0.0.1'],
      ['PutObject', 403, 'SignatureDoesNotMatch', undefined, 'AKIAROOTKEY', '127.0.0.1'],
      ['POST /_nagare/apply', 403, undefined, undefined, undefined, '127.0.0.1'],
    ],
  );
  for (const { time, requestId, latencyMs, operation } of lines) {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Number(latencyMs) >= 0);
    if (operation !== undefined) assert.match(String(requestId), /^[0-9a-f-]{36}$/);
  }
  for (const secret of [KEY.secretAccessKey, 'content of the object', 'X-Amz-Signature', 'with=query']) {
    assert.equal(server.errorOutput.includes(secret), false, secret);
  }
});

test('in the text format each request is one line too, whose time has a zone', async () => {
  await using server = await spawnServer({ args: ['--log-level', 'debug'] });
  await fetch(`${server.endpoint}/health`);
  await until(() => server.errorOutput.includes('/health'));
  assert.match(
    server.errorOutput,
    /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}\] DEBUG: request \{"request":"GET \/health","status":200,.*\}$/m,
  );
});
