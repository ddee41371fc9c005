import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { openKeyStore } from '../../src/kinesis/key-store.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

test('the key file is made once, for its owner only, and gives the same keys again', async (t) => {
  const { catalog, folder } = await open(t);
  const first = await openKeyStore({ catalog, folder, masterKey: undefined });
  const path = join(folder, 'master.key');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const again = await openKeyStore({ catalog, folder, masterKey: undefined });
  assert.deepEqual(again.derive('a'), first.derive('a'));
  assert.notDeepEqual(first.derive('a'), first.derive('b'));
  assert.equal(first.derive('a').length, 32);
});

test('a given key needs no file; another one than before is refused', async (t) => {
  const { catalog, folder } = await open(t);
  const key = Buffer.alloc(32, 1).toString('base64');
  await openKeyStore({ catalog, folder, masterKey: key });
  await assert.rejects(readFile(join(folder, 'master.key')), { code: 'ENOENT' });
  const other = Buffer.alloc(32, 2).toString('base64');
  await assert.rejects(openKeyStore({ catalog, folder, masterKey: other }), /not the one with which/);
  await assert.rejects(openKeyStore({ catalog, folder, masterKey: 'short' }), /base64 of 32 bytes/);
});

test('a damaged key file is named, not replaced', async (t) => {
  const { catalog, folder } = await open(t);
  await openKeyStore({ catalog, folder, masterKey: undefined });
  await writeFile(join(folder, 'master.key'), 'damaged');
  await assert.rejects(openKeyStore({ catalog, folder, masterKey: undefined }), /master\.key/);
});

async function open(t: { after(fn: () => Promise<void>): void }) {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-test-'));
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
