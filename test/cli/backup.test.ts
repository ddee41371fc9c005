import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { zipSync } from 'fflate';
import { readShards } from '../crash/read-shards.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/until.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

const withoutProc = existsSync('/proc/self') ? false : 'there is no /proc here';

function clientsOf(endpoint: string) {
  const options = clientOptions(endpoint);
  return {
    kinesis: new KinesisClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    lambda: new LambdaClient(options),
  };
}

type Clients = ReturnType<typeof clientsOf>;

async function put({ kinesis }: Clients, message: string): Promise<void> {
  await kinesis.send(
    new PutRecordCommand({
      StreamName: 's',
      PartitionKey: 'k',
      Data: new TextEncoder().encode(JSON.stringify({ message })),
    }),
  );
}

async function text({ s3 }: Clients, key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: key }));
  return (await Body?.transformToString()) ?? '';
}

async function linesOf(clients: Clients, count: number): Promise<string[]> {
  return await until(
    async () => {
      const lines = (await text(clients, 'log.txt').catch(() => '')).split('\n').slice(0, -1);
      return lines.length >= count && lines;
    },
    { what: `${count} lines` },
  );
}

/** A stream with its list log, an object under a long name, and a function. */
async function fill(clients: Clients, endpoint: string): Promise<void> {
  await clients.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await clients.s3.send(
    new PutObjectCommand({
      Bucket: 'bucket',
      Key: `a/b//${'long'.repeat(100)}`,
      Body: 'deep down',
      Metadata: { colour: 'blue' },
    }),
  );
  await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'hello',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/any',
      Code: { ZipFile: zipSync({ 'index.js': Buffer.from("exports.handler = async () => 'hello';") }) },
    }),
  );
  const log = ['--stream', 's', '--bucket', 'bucket', '--key', 'log.txt', '--format', '{message}'];
  const created = await runCommand(['log', 'create', 'all', ...log, '--endpoint', endpoint]);
  assert.equal(created.code, 0, created.errors);
}

/** Everything that `fill` made works on the copy, and the list log goes on where it was. */
async function checkCopy(dataDir: string, acknowledged: readonly string[]): Promise<string[]> {
  const server = await startTestServer({ dataDir });
  const clients = clientsOf(server.endpoint);
  const [records = []] = await readShards(clients.kinesis, 's');
  assert.deepEqual(records.slice(0, acknowledged.length), acknowledged, 'what was acknowledged before');
  await put(clients, 'on the copy');
  assert.deepEqual(await linesOf(clients, records.length + 1), [...records, 'on the copy']);
  assert.equal(await text(clients, `a/b//${'long'.repeat(100)}`), 'deep down');
  const { Payload } = await clients.lambda.send(new InvokeCommand({ FunctionName: 'hello' }));
  assert.equal(Buffer.from(Payload ?? []).toString(), '"hello"');
  await server.close();
  return records;
}

test('a backup during puts and list log writes has every acknowledged record exactly once', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const clients = clientsOf(server.endpoint);
  await fill(clients, server.endpoint);
  const acknowledged: string[] = [];
  const writing = { on: true };
  const writer = (async () => {
    for (let index = 0; writing.on; index++) {
      await put(clients, String(index));
      acknowledged.push(String(index));
    }
  })();
  await linesOf(clients, 20);
  const target = join(await temporaryFolder(), 'copy');
  const before = [...acknowledged];
  const command = ['backup', target, '--data-dir', server.dataDir, '--endpoint', server.endpoint];
  const { code, output, errors } = await runCommand(command);
  assert.equal(code, 0, errors);
  assert.equal(output, `copied ${server.dataDir} to ${target}\n`);
  writing.on = false;
  await writer;
  assert.equal((await stat(join(target, 'keys', 'master.key'))).mode & 0o777, 0o600);

  const copied = await checkCopy(target, before);
  assert.deepEqual(
    copied,
    acknowledged.slice(0, copied.length),
    'the copy is the beginning of what followed',
  );
  assert.deepEqual(await linesOf(clients, acknowledged.length), acknowledged, 'and nobody noticed');
});

test('a backup works without a running server', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const server = await startTestServer({ dataDir });
  const clients = clientsOf(server.endpoint);
  await fill(clients, server.endpoint);
  for (let index = 0; index < 10; index++) await put(clients, String(index));
  await server.close();
  const target = join(await temporaryFolder(), 'copy');
  const { code, errors } = await runCommand(['backup', target, '--data-dir', dataDir]);
  assert.equal(code, 0, errors);
  const messages = Array.from({ length: 10 }, (_, index) => String(index));
  assert.deepEqual(await checkCopy(target, messages), messages);
});

test('a target that is not empty, or inside the data folder, is refused and left unchanged', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  await clientsOf(server.endpoint).kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const backup = (target: string) =>
    runCommand(['backup', target, '--data-dir', server.dataDir, '--endpoint', server.endpoint]);
  const full = await temporaryFolder();
  await writeFile(join(full, 'mine'), '');
  const refused = await backup(full);
  assert.deepEqual([refused.code, refused.errors], [1, `nagare: ${full} is not empty\n`]);
  assert.deepEqual(await readdir(full), ['mine']);
  const within = await backup(join(server.dataDir, 'copy'));
  assert.match(within.errors, /is inside the data folder/);
});

// Node's recursive mkdir never ended there, in the command or in the server that it had asked.
test(
  'a target that cannot be created is refused, with and without a server',
  { skip: withoutProc },
  async () => {
    const server = await startTestServer();
    const command = ['backup', '/proc/y', '--data-dir', server.dataDir, '--endpoint', server.endpoint];
    const asked = await runCommand(command);
    assert.equal(asked.code, 1);
    assert.match(
      asked.errors,
      /^nagare: .*\/proc\/y.*no such file or directory|^nagare: .*no such file or directory.*\/proc\/y/,
    );
    await server.stop();
    const alone = await runCommand(command);
    assert.equal(alone.code, 1);
    assert.match(
      alone.errors,
      /^nagare: .*\/proc\/y.*no such file or directory|^nagare: .*no such file or directory.*\/proc\/y/,
    );
    await server.close();
  },
);

test('only the server that holds the data folder backs it up', async (t) => {
  const [server, other] = [await startTestServer(), await startTestServer()];
  t.after(() => Promise.all([server.close(), other.close()]));
  const target = join(await temporaryFolder(), 'copy');
  const wrong = await runCommand([
    'backup',
    target,
    '--data-dir',
    server.dataDir,
    '--endpoint',
    other.endpoint,
  ]);
  assert.equal(wrong.code, 1);
  assert.ok(wrong.errors.includes(`this server's data folder is ${other.dataDir}`), wrong.errors);
  const nobody = ['backup', target, '--data-dir', server.dataDir, '--endpoint', 'http://127.0.0.1:1'];
  const unanswered = await runCommand(nobody);
  assert.match(unanswered.errors, /a server is using \S+, but none answers at http:\/\/127\.0\.0\.1:1/);
});

test('a page of another site cannot request a backup', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const answer = await fetch(`${server.endpoint}/_nagare/backup`, {
    method: 'POST',
    body: JSON.stringify({ dataDir: server.dataDir, target: join(await temporaryFolder(), 'copy') }),
  });
  assert.equal(answer.status, 403);
});

test('--endpoint without --data-dir says that it requires it', async () => {
  const { code, errors } = await runCommand(['backup', 'copy', '--endpoint', 'http://127.0.0.1:1']);
  assert.equal(code, 1);
  assert.match(errors, /\n?nagare: --endpoint requires --data-dir with the data folder of that server\n$/);
});
