import assert from 'node:assert/strict';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import type { ServerHealth } from '../../src/server/health.ts';
import { call, callWell } from '../crash/raw-kinesis.ts';
import { readShards } from '../crash/read-shards.ts';
import { clientOptions } from '../support/client.ts';
import { until } from '../support/until.ts';
import { spawnServer, startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, runTool } from '../support/tools.ts';

const MEBIBYTE = 1024 * 1024;

/** Skips the test where file systems cannot be mounted; there are such in CI. */
function canMount(t: TestContext): boolean {
  if (process.getuid?.() !== 0) {
    assert.notEqual(process.env['CI'], 'true', 'CI runs as root, so that file systems can be mounted');
    t.skip('mounting a file system needs root');
    return false;
  }
  return hasTools(t, 'mount', 'umount');
}

/** A small file system of its own. Mounting needs root. */
async function smallDisk(
  megabytes: number,
): Promise<{ folder: string; [Symbol.asyncDispose](): Promise<void> }> {
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  await runTool('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await runTool('umount', ['--lazy', folder]);
    },
  };
}

async function healthOf(endpoint: string): Promise<{ status: number; codes: string[] }> {
  const answer = await fetch(`${endpoint}/health`);
  const { problems } = (await answer.json()) as ServerHealth;
  return { status: answer.status, codes: problems.map(({ code }) => code) };
}

function record(message: string): PutRecordCommand {
  const padding = 'x'.repeat(50_000);
  return new PutRecordCommand({
    StreamName: 's',
    PartitionKey: 'k',
    Data: new TextEncoder().encode(JSON.stringify({ message, padding })),
  });
}

test('a full disk is an error for the caller only: reads work, and puts too once there is space', async (t) => {
  if (!canMount(t)) return;
  await using disk = await smallDisk(24);
  const ballast = join(disk.folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(8 * MEBIBYTE));
  await using server = await startTestServer({ dataDir: join(disk.folder, 'data') });
  const kinesis = new KinesisClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
  const s3 = new S3Client({ ...clientOptions(server.endpoint), maxAttempts: 1, forcePathStyle: true });
  const lambda = new LambdaClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
  const cloudWatch = new CloudWatchClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
  t.after(() => {
    for (const client of [kinesis, s3, lambda, cloudWatch]) client.destroy();
  });
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await lambda.send(new CreateFunctionCommand(sleeper));
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'before', Body: 'still here' }));

  const acknowledged: string[] = [];
  assert.deepEqual(await healthOf(server.endpoint), { status: 200, codes: [] });
  const refused = await putUntilRefused(kinesis, acknowledged);
  assert.deepEqual([refused.name, refused.status], ['InternalFailure', 500]);
  assert.match(refused.message, /no space left/i);
  const full = { status: 503, codes: ['DISK_FULL'] };
  assert.deepEqual(await healthOf(server.endpoint), full);
  const put = s3.send(
    new PutObjectCommand({ Bucket: 'bucket', Key: 'too-large', Body: Buffer.alloc(9 * MEBIBYTE) }),
  );
  await assert.rejects(put, { $fault: 'server' });

  const noSpace = { message: /no space left/ };
  const event = {
    FunctionName: 'f',
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(FILLER)),
  } as const;
  await assert.rejects(
    untilRefused(() => lambda.send(new InvokeCommand(event))),
    noSpace,
  );
  const metric = { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1 }] };
  await assert.rejects(
    untilRefused(() => cloudWatch.send(new PutMetricDataCommand(metric))),
    noSpace,
  );

  const [stored = []] = await readShards(kinesis, 's');
  assert.deepEqual(stored, acknowledged, 'reads go on, and have what was acknowledged');
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'before' }));
  assert.equal(await Body?.transformToString(), 'still here');

  assert.deepEqual(await healthOf(server.endpoint), full);
  await rm(ballast);
  // Although nobody writes: a balancer may have stopped to send anything here.
  await until(async () => (await healthOf(server.endpoint)).status === 200, {
    what: 'the server is healthy',
  });
  await kinesis.send(record('after'));
  acknowledged.push('after');
  await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'after', Body: 'room again' }));

  await server.restart();
  const [again = []] = await readShards(kinesis, 's');
  assert.deepEqual(again, acknowledged, 'and so after a restart');
  assert.equal(
    await (await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'after' }))).Body?.transformToString(),
    'room again',
  );
  const { findings } = await stoppedAndVerified(server);
  assert.deepEqual(findings, []);
});

async function stoppedAndVerified(server: { readonly dataDir: string; restart(): Promise<void> }) {
  // A copy: the server that holds the folder is stopped by the test's end only.
  const copy = join(await temporaryFolder(), 'engine');
  await runTool('cp', ['-r', join(server.dataDir, 'engine'), copy]);
  return await verifyEngine({ folder: copy });
}

const FILLER = 'x'.repeat(50_000);

/** It takes one event after another, and is never done. */
const sleeper = {
  FunctionName: 'f',
  Runtime: 'nodejs22.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/any',
  Code: { ZipFile: zipSync({ 'index.js': Buffer.from('exports.handler = () => new Promise(() => {});') }) },
} as const;

async function untilRefused(call: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < 20_000; index++) await call();
}

interface Refusal {
  readonly name: string;
  readonly status: number | undefined;
  readonly message: string;
}

async function putUntilRefused(kinesis: KinesisClient, acknowledged: string[]): Promise<Refusal> {
  for (let index = 0; index < 2000; index++) {
    try {
      await kinesis.send(record(String(index)));
      acknowledged.push(String(index));
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
      return { name, message, status: $metadata?.httpStatusCode };
    }
  }
  throw new Error('the disk did not fill up');
}

function largeRecord(stream: string): object {
  return { StreamName: stream, PartitionKey: 'k', Data: Buffer.alloc(200_000, 'x').toString('base64') };
}

async function readCount(endpoint: string, stream: string): Promise<number> {
  const shard = { StreamName: stream, ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  let iterator = (await callWell(endpoint, 'GetShardIterator', shard))['ShardIterator'];
  let count = 0;
  for (;;) {
    const answer = await callWell(endpoint, 'GetRecords', { ShardIterator: iterator });
    // As the API says.
    count += (answer['Records'] as object[]).length;
    if (answer['MillisBehindLatest'] === 0) return count;
    iterator = answer['NextShardIterator'];
  }
}

test('on a full disk puts are refused and reads work, also after kill -9; space freed by deleting a stream accepts puts again', async (t) => {
  if (!canMount(t)) return;
  await using disk = await smallDisk(48);
  const dataDir = join(disk.folder, 'data');
  await using server = await spawnServer({ args: ['--data-dir', dataDir] });
  const { endpoint } = server;
  for (const StreamName of ['large', 'small']) {
    await callWell(endpoint, 'CreateStream', { StreamName, ShardCount: 1 });
  }
  await callWell(endpoint, 'PutRecord', largeRecord('small'));
  let stored = 0;
  let answer = await call(endpoint, 'PutRecord', largeRecord('large'));
  while (answer.status === 200) {
    stored++;
    answer = await call(endpoint, 'PutRecord', largeRecord('large'));
  }
  assert.equal(answer.status, 500);
  assert.match(String(answer.body['__type']), /InternalFailure/);
  assert.match(String(answer.body['message']), /no space left/);
  assert(stored > 100, `${stored} fit in`);
  assert.equal(await readCount(endpoint, 'large'), stored);

  await server.kill();
  await server.start();
  assert.equal(await readCount(endpoint, 'large'), stored);
  assert.equal((await call(endpoint, 'PutRecord', largeRecord('small'))).status, 500);

  await callWell(endpoint, 'DeleteStream', { StreamName: 'large' });
  await until(async () => (await call(endpoint, 'PutRecord', largeRecord('small'))).status === 200, {
    what: 'room comes back',
  });
  const { bavail, bsize } = await statfs(disk.folder);
  t.diagnostic(`${stored} records fit in; ${((bavail * bsize) / 1e6).toFixed(0)} MB are free again`);
  assert(bavail * bsize > 15e6);
  assert.equal(await readCount(endpoint, 'small'), 2);
  assert.equal(await server.stop('SIGTERM'), 0);
  assert.deepEqual((await verifyEngine({ folder: join(dataDir, 'engine') })).findings, []);
});
