import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRootKey, storedRootKey } from '../../src/server/root-key.ts';
import { runCommand } from '../support/command.ts';
import { mainPath, startTestServer, temporaryFolder } from '../support/server.ts';
import { checkServed, checkStored, seal } from '../server/sealed-data.ts';

/** Ends its process with SIGKILL before the nth change of the disk that is a rename, a removal or a sync. */
const killer = `
  import fs from 'node:fs/promises';
  import { syncBuiltinESMExports } from 'node:module';
  let left = Number(process.env.KILL_AT);
  const counted = (target, name) => {
    const original = target[name];
    target[name] = function (...args) {
      if (--left < 0) process.kill(process.pid, 'SIGKILL');
      return original.apply(this, args);
    };
  };
  const file = await fs.open(process.execPath, 'r');
  const handle = Object.getPrototypeOf(file);
  await file.close();
  for (const name of ['sync', 'datasync']) counted(handle, name);
  for (const name of ['rename', 'unlink', 'rm']) counted(fs, name);
  syncBuiltinESMExports();
`;

/** Resolves with the signal that ended it, if one did. */
function rotateUntil(dataDir: string, killAt: number): Promise<NodeJS.Signals | null | undefined> {
  const preload = `data:text/javascript,${encodeURIComponent(killer)}`;
  const args = ['--import', preload, mainPath, 'key', 'rotate-master', '--data-dir', dataDir];
  const env = { ...process.env, KILL_AT: String(killAt) };
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, cwd: dataDir }, (error) => resolve(error?.signal));
  });
}

/** Node cannot copy the sockets of the lock. */
function copyOf(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSocket() });
}

// Everything is readable with what is on the disk then, and the rotation can be completed.
test('a rotation of the master key that is killed at any change of the disk loses nothing', async () => {
  await using server = await startTestServer();
  const sealed = await seal(server.endpoint);
  await server.stop();
  const rootKey = await createRootKey({ dataDir: server.dataDir });
  const folder = await temporaryFolder();
  let killed = 0;
  for (;;) {
    const dataDir = join(folder, String(killed), 'data');
    await copyOf(server.dataDir, dataDir);
    const signal = await rotateUntil(dataDir, killed);
    const copy = join(folder, `${killed}-copy`, 'data');
    await copyOf(dataDir, copy);
    assert.deepEqual(await storedRootKey({ dataDir }), rootKey, `before change ${killed}`);
    await checkStored(dataDir, sealed);
    assert.deepEqual(await storedRootKey({ dataDir }), rootKey);
    if (signal === undefined) break;
    assert.equal(signal, 'SIGKILL');
    const completed = await runCommand(['key', 'rotate-master', '--data-dir', copy]);
    assert.equal(completed.code, 0, completed.errors);
    await checkStored(copy, sealed);
    assert.deepEqual(await storedRootKey({ dataDir: copy }), rootKey);
    killed++;
  }
  assert.ok(killed > 10, `killed at ${killed} changes`);
  await using last = await startTestServer({ dataDir: join(folder, String(killed), 'data') });
  await checkServed(last.endpoint, rootKey);
});
