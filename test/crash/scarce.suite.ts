/** A whole server where something runs out: room on the disk, file handles. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, statfs } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import { mainPath, spawnServer, temporaryFolder } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';
import { call, callWell } from './raw-kinesis.ts';

const DISK_MEGABYTES = 48;

function record(stream: string): object {
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

test('a full disk: puts are refused, reads go on, also after kill -9; what a deleted stream frees takes puts again', async (t) => {
  if (process.getuid?.() !== 0) {
    assert.notEqual(process.env['CI'], 'true', 'CI runs as root, so that file systems can be mounted');
    t.skip('mounting a file system needs root');
    return;
  }
  if (!hasTools(t, 'mount', 'umount')) return;
  const disk = join(await temporaryFolder(), 'disk');
  await mkdir(disk);
  await runTool('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'tmpfs', disk]);
  t.after(() => runTool('umount', ['--lazy', disk]));
  const dataDir = join(disk, 'data');
  await using server = await spawnServer({ args: ['--data-dir', dataDir] });
  const { endpoint } = server;
  for (const StreamName of ['large', 'small']) {
    await callWell(endpoint, 'CreateStream', { StreamName, ShardCount: 1 });
  }
  await callWell(endpoint, 'PutRecord', record('small'));
  let stored = 0;
  let answer = await call(endpoint, 'PutRecord', record('large'));
  while (answer.status === 200) {
    stored++;
    answer = await call(endpoint, 'PutRecord', record('large'));
  }
  assert.equal(answer.status, 500);
  assert.match(String(answer.body['__type']), /InternalFailure/);
  assert.match(String(answer.body['message']), /no space left/);
  assert(stored > 100, `${stored} fit in`);
  assert.equal(await readCount(endpoint, 'large'), stored);

  await server.kill();
  await server.start();
  assert.equal(await readCount(endpoint, 'large'), stored);
  assert.equal((await call(endpoint, 'PutRecord', record('small'))).status, 500);

  await callWell(endpoint, 'DeleteStream', { StreamName: 'large' });
  const end = performance.now() + 10_000;
  while ((await call(endpoint, 'PutRecord', record('small'))).status !== 200) {
    assert(performance.now() < end, 'no room came back');
    await sleep(50);
  }
  const { bavail, bsize } = await statfs(disk);
  t.diagnostic(`${stored} records fit in; ${((bavail * bsize) / 1e6).toFixed(0)} MB are free again`);
  assert(bavail * bsize > 15e6);
  assert.equal(await readCount(endpoint, 'small'), 2);
  assert.equal(await server.stop('SIGTERM'), 0);
  assert.deepEqual((await verifyEngine({ folder: join(dataDir, 'engine') })).findings, []);
});

test('out of file handles: what needs one fails, what is open works; all works when there are some again', async (t) => {
  if (!hasTools(t, 'bash')) return;
  const folder = await temporaryFolder();
  // So few that a hundred connections take them all.
  const command = `ulimit -n 90; exec "${process.execPath}" "${mainPath}" start --port 0 --data-dir data --log-level error`;
  const child = spawn('bash', ['-c', command], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const endpoint = await addressOf(child.stdout);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  await callWell(endpoint, 'CreateStream', { StreamName: 'open', ShardCount: 1 }, agent);
  await callWell(endpoint, 'PutRecord', record('open'), agent);
  const { port } = new URL(endpoint);
  const sockets: Socket[] = [];
  for (let n = 0; n < 150; n++) {
    const socket = connect({ host: '127.0.0.1', port: Number(port) });
    socket.on('error', () => undefined);
    sockets.push(socket);
  }
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  await untilTaken(child.pid ?? 0, 90);
  let stored = 1;
  for (let n = 0; n < 20; n++) {
    const { status } = await call(endpoint, 'PutRecord', record('open'), { agent });
    if (status === 200) stored++;
    else assert.equal(status, 500);
  }
  for (const socket of sockets) socket.destroy();
  await sleep(500);
  await callWell(endpoint, 'PutRecord', record('open'));
  assert.equal(await readCount(endpoint, 'open'), stored + 1);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.deepEqual((await verifyEngine({ folder: join(folder, 'data', 'engine') })).findings, []);
});

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  let printed = '';
  for await (const chunk of output) {
    printed += String(chunk);
    const address = /http:\/\/\S+:\d+(?=\s)/.exec(printed)?.[0];
    if (address !== undefined) return address;
  }
  throw new Error(`the server ended: ${printed}`);
}

/** Until the process has nearly as many files open as it may. */
async function untilTaken(pid: number, handles: number): Promise<void> {
  const end = performance.now() + 5000;
  while ((await readdir(`/proc/${pid}/fd`)).length < handles - 2) {
    assert(performance.now() < end, 'the handles were not taken');
    await sleep(20);
  }
}
