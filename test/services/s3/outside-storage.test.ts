import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startServer } from '../../../src/server/start.ts';
import { silentLog } from '../../../src/support/log.ts';
import { runCommand } from '../../support/command.ts';
import { declared } from '../../support/declarations.ts';
import { clientOptions, startTestServer, testConfig } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';
import { role, zip } from '../lambda/lambda-server.ts';

const key = { accessKeyId: 'the-key', secretAccessKey: 'of-the-other-store' };

test('objects are in another S3: list logs and functions use it, and clients are redirected there', async (t) => {
  await using other = await startTestServer({ rootKey: key });
  const objectStore = { endpoint: other.endpoint, region: 'us-east-1', key };
  const listLogs = { log: { stream: 'orders', bucket: 'lines', key: 'log.txt', format: '{message}' } };
  const content = { streams: { orders: { shardCount: 1 } }, buckets: ['lines'], listLogs };
  const declarations = declared(content);
  const file = join(await temporaryFolder(), 'nagare.yaml');
  await writeFile(file, JSON.stringify(content));
  await using server = await startTestServer({ objectStore, declarations });
  const outside = new S3Client({ ...clientOptions(other.endpoint), credentials: key, forcePathStyle: true });
  const here = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  for (const client of [outside, here, kinesis, lambda]) t.after(() => client.destroy());

  const Data = Buffer.from(JSON.stringify({ message: 'one line' }));
  await kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'a', Data }));
  const read = async (): Promise<string> => {
    const { Body } = await outside.send(new GetObjectCommand({ Bucket: 'lines', Key: 'log.txt' }));
    return (await Body?.transformToString()) ?? '';
  };
  await until(async () => (await read().catch(() => '')) === 'one line\n');

  const Body = zip({ 'index.mjs': "export const handler = async () => 'from outside';" });
  await outside.send(new PutObjectCommand({ Bucket: 'lines', Key: 'f.zip', Body }));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { S3Bucket: 'lines', S3Key: 'f.zip' },
    }),
  );
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
  assert.equal(Payload?.transformToString(), '"from outside"');

  for (const command of [
    new ListBucketsCommand({}),
    new GetObjectCommand({ Bucket: 'lines', Key: 'log.txt' }),
    new PutObjectCommand({ Bucket: 'lines', Key: 'log.txt', Body: 'x' }),
  ]) {
    // The commands differ in their inputs, which the client's types cannot express together.
    await assert.rejects(here.send(command as ListBucketsCommand), {
      name: 'PermanentRedirect',
      Endpoint: other.endpoint,
    });
  }
  assert.equal(await read(), 'one line\n');

  // The bucket exists now: the declaration has nothing to change.
  const change = await runCommand(['apply', file, '--dry-run', '--endpoint', server.endpoint]);
  assert.doesNotMatch(change.output, /create/, change.output);
  assert.equal(change.code, 0, change.errors);
});

test('a data folder that has buckets does not start with another S3, which would hide them', async (t) => {
  await using server = await startTestServer();
  const s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  t.after(() => s3.destroy());
  await s3.send(new CreateBucketCommand({ Bucket: 'hidden' }));
  await server.stop();
  const objectStore = { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', key };
  const config = testConfig(await temporaryFolder(), { dataDir: server.dataDir, objectStore });
  await assert.rejects(startServer(config, silentLog), {
    name: 'ObjectStoreError',
    message: /^The data folder has buckets \(hidden\), which --s3-endpoint would hide\./,
  });
});

test('a declared bucket has no policy here when the objects are in another S3', async () => {
  await using other = await startTestServer({ rootKey: key });
  const objectStore = { endpoint: other.endpoint, region: 'us-east-1', key };
  const policy = { Version: '2012-10-17', Statement: [] };
  const declarations = declared({ buckets: { lines: { policy } } });
  await assert.rejects(
    startTestServer({ objectStore, declarations }),
    /buckets are in http:\/\/127\.0\.0\.1/,
  );
});
