import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CreateBucketCommand,
  DeletePublicAccessBlockCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { allow, openScene, policy } from './scene.ts';

test('X-Forwarded-For counts for policies and the audit log, from trusted proxies only', async () => {
  for (const trustedProxies of [['127.0.0.1'], ['192.0.2.0/24'], []]) {
    const isTrusted = trustedProxies[0] === '127.0.0.1';
    const file = join(await temporaryFolder(), 'audit.log');
    const audit = { file, fileBytesMax: 1_000_000, filesMax: 2, data: 'all', required: false } as const;
    await using scene = await openScene({ trustedProxies, audit });
    const s3 = new S3Client({ ...scene.root, forcePathStyle: true });
    const Bucket = 'site';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    const Condition = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };
    const Policy = policy({ ...allow('s3:GetObject', 'arn:aws:s3:::site/*'), Principal: '*', Condition });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const statusFrom = async (...forwarded: readonly string[]): Promise<number> => {
      const headers = forwarded.map((address): [string, string] => ['X-Forwarded-For', address]);
      return (await fetch(`${scene.server.endpoint}/site/a`, { headers })).status;
    };
    assert.equal(await statusFrom('203.0.113.7'), isTrusted ? 200 : 403);
    assert.equal(await statusFrom('203.0.113.7, 198.51.100.1'), 403);
    assert.equal(await statusFrom('203.0.113.7', '198.51.100.1'), 403);
    assert.equal(await statusFrom(), 403);
    const addresses = await until(async () => {
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      const reads = lines
        .map((line) => JSON.parse(line))
        .filter(({ eventName }) => eventName === 'GetObject');
      return reads.length === 4 && reads.map(({ sourceIPAddress }) => sourceIPAddress);
    });
    const own = '127.0.0.1';
    const named = ['203.0.113.7', '198.51.100.1', '198.51.100.1', own];
    assert.deepEqual(addresses, isTrusted ? named : [own, own, own, own]);
    s3.destroy();
  }
});
