import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordsCommand,
  type _Record,
} from '@aws-sdk/client-kinesis';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { ServerHealth } from '../../src/server/health.ts';
import { hasKafka, RealCluster } from '../engine/kafka/real-cluster.ts';
import { addressName } from '../../src/engine/kafka/socket.ts';
import { createBucket } from '../engine/s3-log/stores.ts';
import { clientOptions } from '../support/client.ts';
import { mainPath, spawnServer, type ServerProcess } from '../support/server.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { programPath } from '../support/tools.ts';
import { until } from '../support/until.ts';

const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const RECORDS = 40;
const StreamName = 's';

async function put(endpoint: string): Promise<void> {
  const kinesis = new KinesisClient(clientOptions(endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  for (let n = 0; n < RECORDS; n += 5) {
    const Records = Array.from({ length: 5 }, (_, i) => ({
      PartitionKey: `${n + i}`,
      Data: Buffer.alloc(500_000, n + i),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }
}

async function recordsAt(endpoint: string): Promise<_Record[]> {
  const kinesis = new KinesisClient({ ...clientOptions(endpoint), maxAttempts: 10 });
  const position = {
    StreamName,
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  } as const;
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(position));
  const found: _Record[] = [];
  while (found.length < RECORDS) {
    const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    found.push(...Records);
    ShardIterator = NextShardIterator;
  }
  return found;
}

function nagare(args: readonly string[]) {
  const child = spawn(process.execPath, [mainPath, ...args], { env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  return { child, output: () => output };
}

async function done({ child, output }: ReturnType<typeof nagare>): Promise<void> {
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0, output());
}

const ends = new AsyncDisposableStack();
let folder: string;
let store: ServerProcess;
/** A single machine's data folder, and what it has. */
let data: string;
let records: readonly _Record[];
let masterKey: string;
/** Starts while the log on S3 is tested; undefined where it is not installed. */
let kafka: Promise<RealCluster> | undefined;

before(async () => {
  folder = await temporaryFolder();
  ends.defer(() => removeFolder(folder));
  if (['java', 'mvn'].every((tool) => programPath(tool) !== undefined)) kafka = startKafka();
  store = await spawnServer();
  ends.defer(() => store.close());
  await createBucket(store.endpoint);
  data = join(folder, 'data');
  const single = await spawnServer({ args: ['--data-dir', data] });
  await put(single.endpoint);
  records = await recordsAt(single.endpoint);
  await single.stop('SIGTERM');
  masterKey = join(folder, 'master.key');
  await copyFile(join(data, 'keys', 'master.key'), masterKey);
});

after(() => ends.disposeAsync());

function startKafka(): Promise<RealCluster> {
  const starting = RealCluster.start({ brokers: 1 });
  ends.defer(async () => (await starting).close());
  // Awaited by the test that needs it.
  starting.catch(() => undefined);
  return starting;
}

function settingsFor(sharedLog: string, key = masterKey): string[] {
  return [
    ['--shared-log', sharedLog],
    ['--s3-endpoint', store.endpoint],
    ['--master-key-file', key],
    ['--take-over-after', '1'],
  ].flat();
}

/** Exports the log, and reads all records from a server of its own on that folder. */
async function exported(settings: readonly string[], name: string, key = masterKey): Promise<_Record[]> {
  const out = join(folder, name);
  await done(nagare(['cluster', 'export', out, ...settings]));
  await using back = await spawnServer({
    args: ['--data-dir', out, '--master-key-file', key, '--s3-endpoint', store.endpoint],
    env,
  });
  return await recordsAt(back.endpoint);
}

test('an import that is killed is continued by another one; the cluster and an export have each record', async () => {
  const settingsAt = (delayMs: number): string[] => [
    ...settingsFor(`s3://logs/cluster?endpoint=${store.endpoint}&delay-ms=${delayMs}`),
    '--snapshots',
    's3://logs/snapshots',
  ];
  const settings = settingsAt(5);
  const s3 = new S3Client({ ...clientOptions(store.endpoint), forcePathStyle: true });
  const copy = join(folder, 'copy');
  const importing = ['cluster', 'import', data, '--data-dir', copy];
  // So slow that it is in the midst of it when that is noticed.
  const first = nagare([...importing, ...settingsAt(250)]);
  await until(async () => {
    assert.equal(first.child.exitCode, null, first.output());
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'logs' }));
    return Contents.filter(({ Size = 0 }) => Size > 1_000_000).length >= 2;
  });
  s3.destroy();
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  assert.doesNotMatch(first.output(), /imported/);
  await done(nagare([...importing, ...settings]));

  const keeping = ['--snapshots-kept', '1', '--log-retention-hours', '0'];
  await using member = await spawnServer({ args: ['--data-dir', copy, ...settings, ...keeping], env });
  assert.deepEqual(await recordsAt(member.endpoint), records);
  // The log begins at this snapshot then: an export into an empty folder cannot begin with the first frame.
  await done(nagare(['cluster', 'snapshot', '--endpoint-url', member.endpoint]));
  const health = (await (await fetch(`${member.endpoint}/health`)).json()) as ServerHealth;
  assert.ok((health.cluster?.snapshots?.logBegin ?? 0) > 0);
  await member.stop('SIGTERM');
  assert.deepEqual(await exported(settings, 'out'), records);
});

test('a log on Kafka takes a data folder, gets another master key, and gives the data back', async (t) => {
  if (!hasKafka(t)) return;
  const brokers = await kafka;
  assert(brokers);
  const [address] = brokers.addresses();
  assert(address);
  const sharedLog = `kafka://${addressName(address)}/nagare`;
  const settings = settingsFor(sharedLog);
  const copy = join(folder, 'kafka');
  await done(nagare(['cluster', 'import', data, '--data-dir', copy, ...settings]));
  // A machine with an empty folder has it from the log.
  await using member = await spawnServer({ args: settings, env });
  assert.deepEqual(await recordsAt(member.endpoint), records);
  await member.stop('SIGTERM');

  const key = join(folder, 'new.key');
  await writeFile(key, randomBytes(32).toString('base64'), { mode: 0o600 });
  const rotating = nagare([
    'key',
    'rotate-master',
    '--data-dir',
    copy,
    '--new-master-key-file',
    key,
    ...settings,
  ]);
  await done(rotating);
  assert.match(rotating.output(), /the master key of the shared log is replaced\n.*copy \S+new\.key to each/);
  assert.deepEqual(await exported(settingsFor(sharedLog, key), 'from-kafka', key), records);
});
