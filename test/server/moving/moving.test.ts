import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Config } from '../../../src/config.ts';
import { exportFolder } from '../../../src/server/moving/export-folder.ts';
import { importFolder } from '../../../src/server/moving/import-folder.ts';
import { UnfinishedImportError } from '../../../src/server/moving/import-row.ts';
import type { ServerHealth } from '../../../src/server/health.ts';
import { startServer, type NagareServer } from '../../../src/server/start.ts';
import { silentLog } from '../../../src/support/log.ts';
import { clientsAt, continueMapping, makeEverything, readEverything } from '../../cluster/everything.ts';
import { MemoryStore } from '../../engine/shared/memory-log.ts';
import { startTestServer, testConfig } from '../../support/server.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

async function open() {
  const ends = new AsyncDisposableStack();
  const folder = await temporaryFolder();
  ends.defer(() => removeFolder(folder));
  const objects = await startTestServer();
  ends.defer(() => objects.close());
  const masterKeyFile = join(folder, 'master.key');
  const key = { accessKeyId: 'test', secretAccessKey: 'test' };
  const objectStore = { endpoint: objects.endpoint, region: 'us-east-1', key };
  const store = new MemoryStore();
  const openLog = () => Promise.resolve({ log: store.open(), durability: 'object-store' as const });
  const moving = {
    cluster: { openLog, takeOverAfterMs: 1000 },
    log: silentLog,
    objectStore,
    masterKey: { masterKeyFile },
    onTotal: () => undefined,
    report: () => undefined,
  };
  const startSingle = async (name: string, options: Partial<Config> = {}): Promise<NagareServer> => {
    const server = await startServer(testConfig(join(folder, name), options), silentLog);
    ends.defer(() => server.close());
    return server;
  };
  const startMember = async (name: string): Promise<NagareServer> => {
    const config = testConfig(join(folder, name), { masterKeyFile, objectStore });
    const server = await startServer(config, silentLog, undefined, moving.cluster);
    ends.defer(() => server.close());
    return server;
  };
  return { ends, folder, objects, masterKeyFile, store, moving, startSingle, startMember };
}

async function untilServing(server: NagareServer): Promise<void> {
  await until(async () => {
    // The server answers with its own report.
    const health = (await (await fetch(`${server.endpoint}/health`)).json()) as ServerHealth;
    return health.cluster?.serving === true;
  });
}

test('a data folder moves into a cluster, also after interruptions, and out of it again, with everything', async () => {
  const world = await open();
  await using _ends = world.ends;
  const { folder, objects, masterKeyFile, moving } = world;
  const single = await world.startSingle('single');
  const clients = clientsAt(single.endpoint);
  await makeEverything(clients);
  const before = await readEverything(clients);
  await single.close();
  const source = join(folder, 'single', 'data');
  await copyFile(join(source, 'keys', 'master.key'), masterKeyFile);

  // Each attempt begins with an empty folder, as on another machine, and gets a little further.
  let attempts = 0;
  for (let isDone = false; !isDone; attempts++) {
    let left = attempts * 3;
    isDone = await importFolder({
      ...moving,
      folder: source,
      dataDir: join(folder, `copy-${attempts}`),
      report() {
        if (left-- === 0) throw new Error('interrupted');
      },
    }).then(
      () => true,
      (error: unknown) => {
        assert.match(String(error), /interrupted/);
        return false;
      },
    );
    if (attempts === 1) {
      const early = await world.startMember('early');
      assert.ok((await early.lost) instanceof UnfinishedImportError);
      await early.close();
    }
  }
  assert.ok(attempts > 2, `${attempts} attempts`);

  const member = await world.startMember('member');
  await untilServing(member);
  const inCluster = clientsAt(member.endpoint, objects.endpoint);
  assert.deepEqual(await readEverything(inCluster), before);
  const mapped = await continueMapping(inCluster);
  assert.deepEqual(mapped, [...new Set(mapped)].toSorted());
  const changed = await readEverything(inCluster);
  await member.close();

  const dataDir = join(folder, 'out', 'data');
  const followed: { readonly bytes: number; readonly framesLeft: number }[] = [];
  const onFollowed = (bytes: number, framesLeft: number): void => void followed.push({ bytes, framesLeft });
  await exportFolder({ ...moving, dataDir, buckets: ['b-1'], onFollowed });
  // The log has an event of so many bytes.
  assert.equal(followed.at(-1)?.framesLeft, 0);
  assert.ok(followed.reduce((sum, { bytes }) => sum + bytes, 0) > 200_000);
  const back = await world.startSingle('out', { masterKeyFile });
  const outside = clientsAt(back.endpoint);
  assert.deepEqual(await readEverything(outside), changed);
  const again = await continueMapping(outside);
  assert.deepEqual(again, [...new Set(again)].toSorted());
});

test('an import is refused into a log that has data, and under another master key', async () => {
  const world = await open();
  await using _ends = world.ends;
  const { folder, masterKeyFile, moving } = world;
  await (await world.startSingle('single')).close();
  const options = { ...moving, folder: join(folder, 'single', 'data'), dataDir: join(folder, 'copy') };
  await writeFile(masterKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  await assert.rejects(importFolder(options), /another master key/);
  await assert.rejects(importFolder({ ...options, dataDir: options.folder }), /choose another --data-dir/);
  const member = await world.startMember('member');
  await untilServing(member);
  await copyFile(join(options.folder, 'keys', 'master.key'), masterKeyFile);
  await assert.rejects(importFolder(options), /owns the shared log: stop all servers/);
  await member.close();
  await assert.rejects(importFolder(options), /only be imported into an empty one/);
});

test('a folder whose export was cut off is neither started nor used again', async () => {
  const world = await open();
  await using _ends = world.ends;
  const { folder, masterKeyFile, moving } = world;
  await writeFile(masterKeyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  const member = await world.startMember('member');
  await untilServing(member);
  await member.close();
  const options = { ...moving, dataDir: join(folder, 'out', 'data') };
  // This bucket is not there.
  await assert.rejects(exportFolder({ ...options, buckets: ['missing'] }));
  await assert.rejects(world.startSingle('out', { masterKeyFile }), /an export .* was not completed/);
  await assert.rejects(exportFolder({ ...options, buckets: [] }), /an export .* was not completed/);
});
