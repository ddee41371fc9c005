import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskUses } from '../../src/console/disk-use.ts';
import { consoleLimits } from '../../src/console/limits.ts';
import type { ServerView } from '../../src/console/server-view.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { allow, openScene } from '../auth/authorization/scene.ts';
import { spawnServer } from '../support/server.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { ConsoleClient } from './client.ts';

test('the server shows its settings, where each came from, and what its folder takes', async () => {
  await using server = await spawnServer({
    args: ['--log-level', 'warn'],
    env: { NAGARE_WORKERS: '0' },
  });
  const console = new ConsoleClient(server.endpoint);
  await console.post('call/s3/CreateBucket', { Bucket: 'made' });
  await using events = await console.events();
  await events.subscribe('a', { topic: 'server' });
  const view = await events.firstWith<ServerView>('a', 'disk');
  const settings = new Map(view.settings.map(({ name, text, origin }) => [name, { text, origin }]));
  assert.deepEqual(settings.get('logLevel'), { text: 'warn', origin: '--log-level' });
  assert.deepEqual(settings.get('workers'), { text: '0', origin: 'NAGARE_WORKERS' });
  assert.deepEqual(settings.get('region'), { text: 'us-east-1', origin: 'the default' });
  assert.equal(view.disk.folder, server.dataDir);
  assert.ok(view.disk.freeBytes > 0);
  const engine = view.disk.parts.find(({ name }) => name === 'engine');
  assert.ok(engine !== undefined && engine.files > 0 && engine.bytes > 0);
});

test('settings are for those who may see them', async () => {
  await using scene = await openScene();
  const logIn = async (name: string, ...policies: Parameters<typeof scene.user>[1][]): Promise<string> => {
    const { credentials } = await scene.user(name, ...policies);
    const console = new ConsoleClient(scene.server.endpoint);
    await console.login(credentials.accessKeyId, credentials.secretAccessKey);
    await using events = await console.events();
    return JSON.stringify((await events.subscribe('a', { topic: 'server' })).content);
  };
  assert.match(await logIn('guest', allow('kinesis:*')), /nagare:DescribeServer/);
  assert.equal(await logIn('operator', allow('nagare:DescribeServer')), '{"refused":{}}');
});

test('the data folder is measured once in a while', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'objects', 'bucket'), { recursive: true });
  await writeFile(join(folder, 'objects', 'bucket', 'a'), Buffer.alloc(10_000));
  const clock = new ManualClock();
  const uses = new DiskUses(folder, clock);
  const [first] = (await uses.measure()).parts;
  assert.deepEqual([first?.name, first?.files, first?.isWhole], ['objects', 1, true]);
  assert.ok((first?.bytes ?? 0) >= 10_000);
  await writeFile(join(folder, 'objects', 'bucket', 'b'), Buffer.alloc(10_000));
  assert.equal((await uses.measure()).parts[0]?.files, 1);
  clock.advance(consoleLimits.diskUseMs);
  assert.equal((await uses.measure()).parts[0]?.files, 2);
  await removeFolder(folder);
});
