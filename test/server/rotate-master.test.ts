import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccessKeyTable } from '../../src/auth/keys/access-keys.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { NotOwnerError } from '../../src/engine/engine.ts';
import { keyStore } from '../../src/engine/key-store.ts';
import { DeposedError, type SharedLog } from '../../src/engine/shared/shared-log.ts';
import { createRootKey, storedRootKey } from '../../src/server/root-key.ts';
import { type MasterKeyRotation, rotateMasterKey } from '../../src/server/rotate-master.ts';
import { startServer } from '../../src/server/start.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { runCommand } from '../support/command.ts';
import { startTestServer, temporaryFolder, testConfig } from '../support/server.ts';
import { until } from '../support/until.ts';
import { checkServed, checkStored, seal } from './sealed-data.ts';

async function newKeyFile(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, randomBytes(32).toString('base64'), { mode: 0o600 });
  return path;
}

async function keyIn(dataDir: string): Promise<Buffer> {
  return Buffer.from(await readFile(join(dataDir, 'keys', 'master.key'), 'utf8'), 'base64');
}

/** The secret of an access key as these master keys show it. */
async function secretUnder(
  dataDir: string,
  accessKeyId: string,
  master: Buffer,
): Promise<string | undefined> {
  const folder = join(dataDir, 'engine');
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
  const table = new AccessKeyTable(engine, keyStore(master, []), systemClock);
  const row = await table.find(accessKeyId);
  await engine.close();
  return row && table.secretOf(row);
}

function deposedAfter(log: SharedLog, commits: number): SharedLog {
  let left = commits;
  return {
    takeOver: (...seen) => log.takeOver(...seen),
    append: (kind, payload) =>
      kind === 'commit' && left-- <= 0
        ? Promise.reject(new DeposedError('another machine'))
        : log.append(kind, payload),
    follow: (...from) => log.follow(...from),
    bounds: () => log.bounds(),
    trim: (before) => log.trim(before),
    close: () => log.close(),
  };
}

async function untilServing({ endpoint }: { readonly endpoint: string }): Promise<void> {
  await until(async () => (await fetch(`${endpoint}/health`)).ok);
}

test('all secrets are encrypted under a new master key, and everything stays readable', async () => {
  await using server = await startTestServer();
  const { dataDir } = server;
  const sealed = await seal(server.endpoint);
  const held = await runCommand(['key', 'rotate-master', '--data-dir', dataDir]);
  assert.match(held.errors, /in use by another nagare process/);
  await server.stop();
  const rootKey = await createRootKey({ dataDir });
  const before = await keyIn(dataDir);

  const { code, output, errors } = await runCommand([
    'key',
    'rotate-master',
    '--data-dir',
    dataDir,
    '--json',
  ]);
  assert.equal(code, 0, errors);
  assert.deepEqual(JSON.parse(output), { resumed: false, secrets: { s3: 2, iam: 1, firehose: 1 } });
  const after = await keyIn(dataDir);
  assert.notDeepEqual(after, before);
  assert.equal(await secretUnder(dataDir, sealed.accessKeyId, before), undefined);
  assert.equal(await secretUnder(dataDir, sealed.accessKeyId, after), sealed.secretAccessKey);
  await checkStored(dataDir, sealed);
  assert.deepEqual(await storedRootKey({ dataDir }), rootKey);

  // A record is read with the key before the last one, too.
  await rotateMasterKey({ dataDir });
  const verified = await runCommand(['verify', '--data-dir', dataDir]);
  assert.equal(verified.code, 0, verified.output);
  const backup = join(await temporaryFolder(), 'backup');
  assert.equal((await runCommand(['backup', backup, '--data-dir', dataDir])).code, 0);
  await checkStored(backup, sealed);
  await server.restart();
  await checkServed(server.endpoint, rootKey);
});

test('a master key outside of the data folder is replaced by one in another file', async () => {
  const folder = await temporaryFolder();
  const [first, second] = [await newKeyFile(folder, 'first.key'), await newKeyFile(folder, 'second.key')];
  await using server = await startTestServer({ masterKeyFile: first });
  const { dataDir } = server;
  const sealed = await seal(server.endpoint);
  await server.stop();
  const rotate = (...args: string[]) =>
    runCommand(['key', 'rotate-master', '--data-dir', dataDir, '--master-key-file', ...args]);
  assert.match((await rotate(first)).errors, /give it with --new-master-key-file/);
  assert.match((await rotate(second)).errors, /not the one of this data folder/);
  assert.match((await rotate(first, '--new-master-key-file', first)).errors, /has the present master key/);
  const rotated = await rotate(first, '--new-master-key-file', second);
  assert.equal(rotated.errors, '');
  assert.match(
    rotated.output,
    /from now on the server needs the new key: --master-key-file \S+second\.key\n$/,
  );
  await assert.rejects(server.restart(), /give the new one if `nagare key rotate-master` has replaced it/);
  // Repeated, as after an interruption.
  const again = await rotate(first, '--new-master-key-file', second);
  assert.match(again.output, /the rotation that was interrupted is complete/);
  const secret = Buffer.from(await readFile(second, 'utf8'), 'base64');
  assert.equal(await secretUnder(dataDir, sealed.accessKeyId, secret), sealed.secretAccessKey);

  // Into the file of another place, and the data folder keeps none.
  await assert.rejects(stat(join(dataDir, 'keys', 'master.key')));
});

test('the master key of a shared log is replaced on any machine while no server runs, also after interruptions', async () => {
  const folder = await temporaryFolder();
  const [first, second] = [await newKeyFile(folder, 'first.key'), await newKeyFile(folder, 'second.key')];
  const store = new MemoryStore();
  const cluster = {
    openLog: () => Promise.resolve({ log: store.open(), durability: 'object-store' as const }),
    takeOverAfterMs: 300,
  };
  await using ends = new AsyncDisposableStack();
  const startMachine = async (masterKeyFile: string) => {
    const config = testConfig(join(folder, 'one'), { masterKeyFile });
    const server = await startServer(config, silentLog, undefined, cluster);
    ends.defer(() => server.close());
    return server;
  };
  /** Loses the ownership of the log after so many commits. */
  const rotate = (commitsMax = Infinity) =>
    rotateMasterKey(testConfig(join(folder, 'two'), { masterKeyFile: first }), second, {
      cluster: {
        ...cluster,
        openLog: () =>
          Promise.resolve({
            log: deposedAfter(store.open(), commitsMax),
            durability: 'object-store' as const,
          }),
      },
      log: silentLog,
    });
  const before = await startMachine(first);
  await untilServing(before);
  await seal(before.endpoint);
  await assert.rejects(rotate(), /owns the shared log: stop all servers that share it/);
  await before.close();

  let rotated: MasterKeyRotation | undefined;
  let interruptions = 0;
  while (rotated === undefined) {
    rotated = await rotate(interruptions).catch((error: unknown) => {
      assert.ok(error instanceof NotOwnerError, String(error));
      interruptions++;
      return undefined;
    });
  }
  assert.ok(interruptions > 2, `${interruptions} interruptions`);
  assert.equal(rotated.resumed, true);
  assert.deepEqual(rotated.secrets.map(([service]) => service).toSorted(), ['firehose', 'iam', 's3']);

  const withOld = await startMachine(first);
  assert.match(String(await withOld.lost), /the master key is not the one of this data folder/);
  await withOld.close();
  const after = await startMachine(second);
  await untilServing(after);
  await checkServed(after.endpoint, { accessKeyId: 'test', secretAccessKey: 'test' });
});
