import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { signed } from '../../src/auth/sign.ts';
import type { HttpRequest } from '../../src/http/message.ts';
import { scrapeAccess } from '../../src/server/metrics.ts';
import { version } from '../../src/support/version.ts';
import { clientOptions, startTestServer } from '../support/server.ts';

const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

test('/metrics shows what a stream takes and gives', async (t) => {
  await using server = await startTestServer();
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  t.after(() => kinesis.destroy());
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('abc') }));
  const shard = { StreamName: 's', ShardId: 'shardId-000000000000' };
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  const answer = await fetch(`${server.endpoint}/metrics`);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  for (const line of [
    'nagare_kinesis_incoming_records_total{stream="s"} 1',
    'nagare_kinesis_incoming_bytes_total{stream="s"} 3',
    'nagare_kinesis_get_records_records_total{stream="s"} 1',
    'nagare_kinesis_put_record_duration_seconds_count 1',
    'nagare_kinesis_get_records_duration_seconds_count 1',
    'nagare_ready 1',
    `nagare_build_info{version="${version()}"} 1`,
  ]) {
    assert.ok(text.split('\n').includes(line), line);
  }
  // Each family appears once, with all its samples in a row.
  const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  assert.deepEqual(types, [...new Set(types)]);
});

test('OpenMetrics by Accept; other parameters than shards=1 are another resource', async () => {
  await using server = await startTestServer();
  const headers = { accept: 'application/openmetrics-text; version=1.0.0' };
  const answer = await fetch(`${server.endpoint}/metrics?shards=1`, { headers });
  assert.match(answer.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
  assert.ok((await answer.text()).endsWith('# EOF\n'));
  assert.equal((await fetch(`${server.endpoint}/metrics?prefix=a`)).status, 404);
  assert.equal((await fetch(`${server.endpoint}/_nagare/metrics?shards=all`)).status, 400);
});

test('a bucket named metrics or health stays reachable for clients that sign', async (t) => {
  await using server = await startTestServer();
  const s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  t.after(() => s3.destroy());
  for (const Bucket of ['metrics', 'health']) {
    await s3.send(new CreateBucketCommand({ Bucket }));
    assert.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).Name, Bucket);
  }
});

test('with keys, this machine and the holder of the token read /metrics; others sign', async () => {
  const token = 'a-token-of-16-characters';
  await using server = await startTestServer({ rootKey, metricsToken: { token, file: '/token' } });
  const read = (authorization?: string) =>
    fetch(`${server.endpoint}/metrics`, authorization === undefined ? {} : { headers: { authorization } });
  assert.equal((await read()).status, 200);
  assert.equal((await read(`Bearer ${token}`)).status, 200);
  assert.equal((await read('Bearer wrong-token-of-16-ch')).status, 403);
  const url = new URL('/_nagare/metrics', server.endpoint);
  assert.equal((await fetch(url)).status, 403);
  const headers = signed(
    { method: 'GET', url, headers: {}, body: '' },
    rootKey,
    { region: 'us-east-1', service: 'nagare' },
    new Date(),
  );
  assert.equal((await fetch(url, { headers })).status, 200);
});

function from(address: string, authorization?: string): HttpRequest {
  // What the check reads of a request.
  return { headers: { authorization }, peer: { address } } as unknown as HttpRequest;
}

test('behind a proxy, and from other machines, /metrics needs the token', () => {
  const token = 'a-token-of-16-characters';
  const open = scrapeAccess({ auth: 'required', token, behindProxy: false });
  assert.deepEqual(
    [open(from('127.0.0.1')), open(from('10.0.0.7')), open(from('10.0.0.7', `Bearer ${token}`))],
    [true, false, true],
  );
  const proxied = scrapeAccess({ auth: 'required', token: undefined, behindProxy: true });
  assert.deepEqual([proxied(from('127.0.0.1')), proxied(from('127.0.0.1', 'Bearer '))], [false, false]);
  assert.equal(scrapeAccess({ auth: 'off', token, behindProxy: false })(from('10.0.0.7')), true);
});

test('/health/live and /health/ready need no signature', async () => {
  await using server = await startTestServer({ rootKey });
  const live = await fetch(`${server.endpoint}/health/live`);
  assert.deepEqual(await live.json(), { status: 'ok', version: version() });
  const ready = await fetch(`${server.endpoint}/health/ready`);
  assert.equal(ready.status, 200);
  assert.deepEqual(await ready.json(), { status: 'ok', version: version(), problems: [], warnings: [] });
});
