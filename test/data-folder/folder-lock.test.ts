import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { LOCK_FOLDER, lockFolder, type FolderLock } from '../../src/data-folder/folder-lock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function held(folder: string): Promise<FolderLock> {
  const lock = await lockFolder(folder);
  assert(lock, 'the folder is in use');
  return lock;
}

test('only one process holds a folder, and the next one after it is released', async () => {
  const folder = await temporaryFolder();
  const first = await held(folder);
  assert.equal(first.foundDeadSocket, false);
  assert.equal(await lockFolder(folder), undefined);
  await first.release();
  const second = await held(folder);
  assert.equal(second.foundDeadSocket, true);
  assert.equal(await lockFolder(folder), undefined);
  await second.release();
});

test('of many processes that start at once on a dead lock, repeatedly, exactly one holds the folder', async () => {
  const folder = await temporaryFolder();
  for (let round = 0; round < 20; round++) {
    const locks = await Promise.all(Array.from({ length: 20 }, () => lockFolder(folder)));
    const holders = locks.filter((lock) => lock !== undefined);
    assert.equal(holders.length, 1);
    await holders[0]?.release();
    assert.deepEqual(await readdir(join(folder, LOCK_FOLDER)), [
      `${String(round + 1).padStart(12, '0')}.socket`,
    ]);
  }
});

test("a path longer than a socket's address works", async () => {
  const folder = join(await temporaryFolder(), 'a'.repeat(100), 'b'.repeat(100));
  await mkdir(folder, { recursive: true });
  const lock = await held(folder);
  assert.equal(await lockFolder(folder), undefined);
  await lock.release();
});

test('a folder that was removed and created again is a different folder', async () => {
  const folder = join(await temporaryFolder(), 'data');
  await mkdir(folder);
  const lock = await held(folder);
  await rm(folder, { recursive: true });
  await mkdir(folder);
  const second = await held(folder);
  await lock.release();
  assert.equal(await lockFolder(folder), undefined);
  await second.release();
});
