import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { UserError } from '../../src/errors.ts';
import { openKeyStore } from '../../src/engine/key-store.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('the key file is created once, only for its owner, and yields the same keys again', async (t) => {
  const { catalog, folder } = await open(t);
  const first = await openKeyStore({ catalog, folder, masterKey: undefined });
  const path = join(folder, 'master.key');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const again = await openKeyStore({ catalog, folder, masterKey: undefined });
  assert.deepEqual(again.derive('a'), first.derive('a'));
  assert.notDeepEqual(first.derive('a'), first.derive('b'));
  assert.equal(first.derive('a').length, 32);
});

test('a given key needs no file; a different one is refused', async (t) => {
  const { catalog, folder } = await open(t);
  const key = Buffer.alloc(32, 1).toString('base64');
  await openKeyStore({ catalog, folder, masterKey: key });
  await assert.rejects(readFile(join(folder, 'master.key')), { code: 'ENOENT' });
  const other = Buffer.alloc(32, 2).toString('base64');
  await assert.rejects(
    openKeyStore({ catalog, folder, masterKey: other }),
    /not the one of this data folder/,
  );
  await assert.rejects(openKeyStore({ catalog, folder, masterKey: 'short' }), /base64 of 32 bytes/);
});

test('a key in a separate file needs none in the data folder, and is only for its owner', async (t) => {
  const { catalog, folder } = await open(t);
  const masterKeyFile = join(dirname(folder), 'elsewhere');
  const given = () => openKeyStore({ catalog, folder, masterKey: undefined, masterKeyFile });
  await assert.rejects(
    given(),
    (error) => error instanceof UserError && /the master key file does not exist/.test(error.message),
  );
  await writeFile(masterKeyFile, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o644 });
  await assert.rejects(given(), /other users can access the file \(mode 644\)/);
  await chmod(masterKeyFile, 0o600);
  const first = await given();
  assert.deepEqual((await given()).derive('a'), first.derive('a'));
  await assert.rejects(readFile(join(folder, 'master.key')), { code: 'ENOENT' });
});

// systemd lets the service's user read its credentials by an access list, which shows as permissions of the group.
test('a credential of systemd may be readable by its group, but not by everyone', async (t) => {
  const { catalog, folder } = await open(t);
  const before = process.env['CREDENTIALS_DIRECTORY'];
  process.env['CREDENTIALS_DIRECTORY'] = dirname(folder);
  t.after(() => {
    if (before === undefined) delete process.env['CREDENTIALS_DIRECTORY'];
    else process.env['CREDENTIALS_DIRECTORY'] = before;
  });
  const masterKeyFile = join(dirname(folder), 'credential');
  await writeFile(masterKeyFile, Buffer.alloc(32, 1).toString('base64'));
  await chmod(masterKeyFile, 0o440);
  await openKeyStore({ catalog, folder, masterKey: undefined, masterKeyFile });
  await chmod(masterKeyFile, 0o444);
  await assert.rejects(
    openKeyStore({ catalog, folder, masterKey: undefined, masterKeyFile }),
    /other users can access the file/,
  );
});

test('a damaged key file is reported, not replaced', async (t) => {
  const { catalog, folder } = await open(t);
  await openKeyStore({ catalog, folder, masterKey: undefined });
  await writeFile(join(folder, 'master.key'), 'damaged');
  await assert.rejects(openKeyStore({ catalog, folder, masterKey: undefined }), /master\.key/);
});

// A new key was once written before the start was refused: the lost one could then be restored only over it.
test('a lost key file is reported, and no new one is written', async (t) => {
  const { catalog, folder } = await open(t);
  const path = join(folder, 'master.key');
  const first = await openKeyStore({ catalog, folder, masterKey: undefined });
  const key = await readFile(path, 'utf8');
  await rm(path);
  const lost = openKeyStore({ catalog, folder, masterKey: undefined });
  await assert.rejects(lost, (error) => error instanceof UserError && /is missing/.test(error.message));
  assert.deepEqual(await readdir(folder), []);
  const given = await openKeyStore({ catalog, folder, masterKey: key.trim() });
  assert.deepEqual(given.derive('a'), first.derive('a'));
});

test('a key file that others can access is refused, as by ssh', async (t) => {
  const { catalog, folder } = await open(t);
  const path = join(folder, 'master.key');
  await openKeyStore({ catalog, folder, masterKey: undefined });
  for (const mode of [0o644, 0o640, 0o602, 0o610]) {
    await chmod(path, mode);
    const refused = openKeyStore({ catalog, folder, masterKey: undefined });
    await assert.rejects(refused, {
      name: 'KeyStoreError',
      message: `${path}: other users can access the file (mode ${mode.toString(8)}); run: chmod 600 ${path}`,
    });
  }
  for (const mode of [0o400, 0o600]) {
    await chmod(path, mode);
    await openKeyStore({ catalog, folder, masterKey: undefined });
  }
});

async function open(t: { after(fn: () => Promise<void>): void }) {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({
    folder: join(folder, 'engine'),
    clock: systemClock,
    log: silentLog,
  });
  t.after(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { catalog: engine.catalog, folder: join(folder, 'keys') };
}
