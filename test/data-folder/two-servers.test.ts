/**
 * Two containers with one volume, as in a rolling update: both servers started, gave out the same sequence numbers,
 * and lost acknowledged records. The lock belonged to the network namespace then.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';

import { clientOptions } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { mainPath, spawnServer } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const inUse = /^nagare: the data folder \S+ is in use by another nagare process \(process \d+ on [^)]+\); /;

function unshare(...namespaces: string[]): string[] {
  const flags = process.getuid?.() === 0 ? namespaces : ['--map-root-user', ...namespaces];
  return ['unshare', ...flags];
}

function cannotUnshare(...namespaces: string[]): string | false {
  const [program = '', ...args] = unshare(...namespaces);
  const { status } = spawnSync(program, [...args, 'true']);
  return status === 0 ? false : `this machine lets us make no namespaces (${namespaces.join(' ')})`;
}

/** Runs `nagare start` behind other words of a command line, until it ends. */
async function startRefused(words: readonly string[], dataDir: string): Promise<string> {
  const all = [...words, process.execPath, mainPath, 'start', '--port', '0', '--data-dir', dataDir];
  const [program = '', ...args] = all;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors = text(child.stderr);
  const [code]: unknown[] = await once(child, 'exit');
  assert.equal(code, 1);
  return await errors;
}

test('a server in another network namespace is refused', { skip: cannotUnshare('--net') }, async () => {
  await using server = await spawnServer();
  assert.match(await startRefused(unshare('--net'), server.dataDir), inUse);
});

test(
  'a server that uses the folder through another mount is refused',
  { skip: cannotUnshare('--mount', '--net') },
  async () => {
    await using server = await spawnServer();
    const other = join(await temporaryFolder(), 'mounted');
    await mkdir(other);
    const script = `mount --bind '${server.dataDir}' '${other}' && exec "$@"`;
    const words = [...unshare('--mount', '--net'), 'sh', '-c', script, 'sh'];
    assert.match(await startRefused(words, other), inUse);
  },
);

test('a suspended server keeps its folder, against servers and commands', async () => {
  await using server = await spawnServer();
  process.kill(server.pid, 'SIGSTOP');
  assert.match(await startRefused([], server.dataDir), inUse);
  for (const command of ['verify', 'repair']) {
    assert.match((await runCommand([command, '--data-dir', server.dataDir])).errors, inUse);
  }
  process.kill(server.pid, 'SIGCONT');
  assert.equal(await server.stop('SIGTERM'), 0);
});

test('of ten servers that start at once after a kill -9, exactly one serves', async (t) => {
  await using server = await spawnServer();
  await server.kill();
  const children = Array.from({ length: 10 }, () => {
    const args = [mainPath, 'start', '--port', '0', '--data-dir', server.dataDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    t.after(() => child.kill('SIGKILL'));
    return child;
  });
  const ends = children.map(async (child) => {
    const serves = once(child.stdout, 'data').then(() => 'serves');
    const ended = once(child, 'exit').then(([code]: unknown[]) => `ended with ${String(code)}`);
    return await Promise.race([serves, ended]);
  });
  const outcomes = await Promise.all(ends);
  assert.deepEqual(outcomes.toSorted(), [...Array<string>(9).fill('ended with 1'), 'serves']);
});

test('a suspended owner that was replaced stops, and acknowledges nothing that its successor does not have', async (t) => {
  await using first = await spawnServer();
  const { dataDir } = first;
  const acknowledged: string[] = [];
  const old = kinesis(t, first.endpoint);
  await old.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  let isDeposed = false;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    let wasLate = false;
    for (let n = 0; ; n++) {
      const data = `${writer}-${n}`;
      try {
        await put(old, data);
      } catch {
        assert(isDeposed, 'a put failed before its server was deposed');
        return;
      }
      acknowledged.push(data);
      // One answer may have been decided, and not sent, when the server was stopped.
      assert(!wasLate, 'a deposed server went on acknowledging');
      wasLate = isDeposed;
    }
  });
  await until(() => acknowledged.length >= 200, { withinMs: 60_000 });
  process.kill(first.pid, 'SIGSTOP');

  // As on another machine, where nobody answers on the socket.
  for (const name of await readdir(join(dataDir, 'lock'))) {
    if (name.endsWith('.socket')) await rm(join(dataDir, 'lock', name));
  }
  await using second = await spawnServer({ args: ['--data-dir', dataDir] });
  // What the first one answered before it stood still has been read by now.
  isDeposed = true;
  const client = kinesis(t, second.endpoint);
  for (let n = 0; n < 50; n++) {
    await put(client, `new-${n}`);
    acknowledged.push(`new-${n}`);
    // Among them, so that the old owner writes while the new one does.
    if (n === 25) process.kill(first.pid, 'SIGCONT');
  }
  await Promise.all(writers);
  assert.equal(await first.untilEnded(), 1);
  assert.match(
    first.errorOutput,
    /nagare: the data folder \S+ no longer belongs to this process: process \d+ on \S+, since \S+ took it over\. /,
  );
  assert.deepEqual(await missing(client, acknowledged), []);

  await second.kill();
  const { code, output } = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(code, 0, output);
  await second.start();
  assert.deepEqual(await missing(client, acknowledged), []);
});

test('a server whose folder is removed stops, in one line', async () => {
  await using server = await spawnServer();
  await rm(server.dataDir, { recursive: true });
  assert.equal(await server.untilEnded(), 1);
  assert.match(server.errorOutput, /^nagare: the data folder \S+ no longer belongs to this process: .*\n$/);
});

function kinesis(t: TestContext, endpoint: string): KinesisClient {
  const client = new KinesisClient({ ...clientOptions(endpoint), maxAttempts: 1 });
  t.after(() => client.destroy());
  return client;
}

async function put(client: KinesisClient, data: string): Promise<void> {
  await client.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: new TextEncoder().encode(data) }),
  );
}

/** What is not in the stream; sequence numbers must differ besides. */
async function missing(client: KinesisClient, wanted: readonly string[]): Promise<string[]> {
  const shard = { StreamName: 's', ShardId: 'shardId-000000000000' };
  const start = await client.send(
    new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const found = new Set<string>();
  const numbers: string[] = [];
  let iterator = start.ShardIterator;
  for (;;) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator: iterator }));
    for (const record of page.Records ?? []) {
      found.add(new TextDecoder().decode(record.Data));
      numbers.push(record.SequenceNumber ?? '');
    }
    if (page.MillisBehindLatest === 0) break;
    iterator = page.NextShardIterator;
  }
  assert.equal(new Set(numbers).size, numbers.length);
  return wanted.filter((data) => !found.has(data));
}
