import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { clientEnvironment, clientOptions } from '../support/client.ts';
import { startForkedTools, type ForkedTools } from '../support/forked-tools.ts';
import { until } from '../support/until.ts';
import { runCommand } from '../support/command.ts';
import { spawnServer, type ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, programPath, runTool } from '../support/tools.ts';

/**
 * The programs of two public write-ups, as their authors published them (see seeds/): they run unchanged, and do what
 * their authors hoped for. Nothing but the endpoint, the region and credentials comes from outside.
 */
const region = 'ap-northeast-1';
const seeds = fileURLToPath(new URL('seeds', import.meta.url));
const bucket = 'my-bucket-name';
const messages = Array.from({ length: 100 }, (_, message) => message);

let folder: string;
let server: ServerProcess;
let tools: ForkedTools | undefined;
let environment: Record<string, string>;

before(async () => {
  folder = await temporaryFolder();
  await cp(seeds, folder, { recursive: true });
  await writeFile(
    join(folder, 'nagare.yaml'),
    `
region: ${region}
streams:
  log-sample-stream:
buckets: [${bucket}]
functions:
  log-sample:
    path: ./producer.ts
    timeout: 60
  consumer:
    path: ./consumer.ts
    timeout: 60
    eventSources:
      - stream: log-sample-stream
listLogs:
  log-sample:
    stream: log-sample-stream
    bucket: ${bucket}
    key: list-log.txt
`,
  );
  await mkdir(join(folder, '.aws'));
  await writeFile(
    join(folder, '.aws', 'credentials'),
    '[my-profile]\naws_access_key_id = test\naws_secret_access_key = test\n',
  );
  await writeFile(join(folder, '.aws', 'config'), `[profile my-profile]\nregion = ${region}\n`);
  // aws-sdk 2 is the project's own development dependency: where users have it beside their handler.
  server = await spawnServer({ args: ['--config', join(folder, 'nagare.yaml')] });
  if (programPath('aws') !== undefined) tools = await startForkedTools();
  environment = {
    ...clientEnvironment(server.endpoint),
    ...(tools !== undefined && { PATH: tools.path }),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: join(folder, '.aws', 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, '.aws', 'credentials'),
  };
});

after(async () => {
  await tools?.close();
  await server.close();
});

async function textOf(s3: S3Client, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
}

test('100 asynchronous invocations by the AWS CLI become 100 lines, each once, in stream order', async (t) => {
  if (!hasTools(t, 'aws')) return;
  const options = { ...clientOptions(server.endpoint), region };
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const kinesis = new KinesisClient(options);
  t.after(() => {
    s3.destroy();
    kinesis.destroy();
  });
  // Their consumer reads the log before it writes it: it has to be there.
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'log.txt', Body: '' }));

  await runTool(process.execPath, ['fire.js'], { cwd: folder, env: environment });
  await until(async () => (await textOf(s3, 'log.txt')).split('\n').length > messages.length, {
    what: '100 lines',
    withinMs: 120_000,
  });

  const byHandler = (await textOf(s3, 'log.txt')).trimEnd().split('\n');
  assert.deepEqual(byHandler.map(messageOf).toSorted(ascending), messages);
  const inStream = await messagesOf(kinesis);
  assert.deepEqual(byHandler.map(messageOf), inStream);
  for (const line of byHandler) assert.match(line, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3},\d+$/);

  await until(async () => (await textOf(s3, 'list-log.txt')).split('\n').length > 100, {
    what: '100 lines of the list log',
  });
  const byListLog = (await textOf(s3, 'list-log.txt')).trimEnd().split('\n');
  assert.deepEqual(byListLog.map(messageOf), inStream);
  for (const line of byListLog) assert.match(line, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{3},\d+$/);

  const { output } = await runCommand(['logs', 'consumer', '--endpoint', server.endpoint]);
  const batches = output.split('\n').filter((line) => line.includes('START RequestId'));
  assert.ok(batches.length > 1, 'they came in several batches');
  assert.doesNotMatch(output, /ERROR/);
});

function messageOf(line: string): number {
  return Number(line.slice(line.lastIndexOf(',') + 1));
}

function ascending(a: number, b: number): number {
  return a - b;
}

async function messagesOf(kinesis: KinesisClient): Promise<number[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 'log-sample-stream',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => {
    const record = JSON.parse(Buffer.from(Data ?? []).toString()) as { message: number };
    return record.message;
  });
}

test('an alarm created by the AWS CLI notifies its topic after more than 10 records in a minute', async (t) => {
  if (!hasTools(t, 'aws', 'python3')) return;
  const mailbox = await openMailbox(t);
  await runTool('bash', ['commands.sh'], { cwd: folder, env: environment });
  const topic = 'arn:aws:sns:ap-northeast-1:000000000000:sample';
  await runTool('aws', ['sns', 'create-topic', '--name', 'sample'], { env: environment });
  await runTool(
    'aws',
    ['sns', 'subscribe', '--topic-arn', topic, '--protocol', 'http', '--notification-endpoint', mailbox.url],
    { env: environment },
  );
  await mailbox.confirmed;
  const { Subject, Message } = await notifiedOf(mailbox.notification, () =>
    runTool('python3', ['put.py'], { cwd: folder, env: environment }),
  );
  assert.match(Subject, /^ALARM: "alertName"/);
  const told = JSON.parse(Message) as { AlarmName: string; NewStateValue: string };
  assert.deepEqual([told.AlarmName, told.NewStateValue], ['alertName', 'ALARM']);

  const described = await runTool('aws', ['cloudwatch', 'describe-alarms', '--alarm-names', 'alertName'], {
    env: environment,
  });
  const { MetricAlarms } = JSON.parse(described) as { MetricAlarms: { StateValue: string }[] };
  assert.equal(MetricAlarms[0]?.StateValue, 'ALARM');
});

interface Notification {
  readonly Subject: string;
  readonly Message: string;
}

/** Puts again until the notification has come: a round may fall into two minutes, neither of which has more than 10. */
async function notifiedOf(
  notification: Promise<Notification>,
  put: () => Promise<unknown>,
): Promise<Notification> {
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 11 }, put));
    const come = await Promise.race([notification, sleep(10_000)]);
    if (come !== undefined) return come;
  }
  return await notification;
}

/** Confirms its subscription and waits for a notification. */
async function openMailbox(
  t: TestContext,
): Promise<{ url: string; confirmed: Promise<void>; notification: Promise<Notification> }> {
  const { promise, resolve, reject } = Promise.withResolvers<Notification>();
  const confirmation = Promise.withResolvers<void>();
  const http = createServer((request, response) => {
    void (async () => {
      const text = Buffer.concat(await request.toArray()).toString();
      response.end();
      const message = JSON.parse(text) as Notification & { SubscribeURL?: string };
      if (message.SubscribeURL === undefined) return resolve(message);
      await fetch(message.SubscribeURL);
      confirmation.resolve();
    })().catch(reject);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => http.close());
  // A server that listens on a port has an address of that form.
  const { port } = http.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, confirmed: confirmation.promise, notification: promise };
}
