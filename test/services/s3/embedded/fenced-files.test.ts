/**
 * A server that stood still in the middle of an append, while another one took over its folder, must not cut off what
 * the other one has appended since.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { fencedFiles } from '../../../../src/services/s3/embedded/files.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

test('an owner that was replaced changes no file, whatever it had started, and can still read', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'object');
  await writeFile(path, 'of the new owner');
  let isDeposed = false;
  const deposed = new Error('deposed');
  const files = fencedFiles({
    check() {
      if (isDeposed) throw deposed;
    },
  });
  const begun = await files.open(path, 'r+');
  isDeposed = true;
  const bytes = Buffer.from('late');
  for (const late of [
    () => begun.write(bytes, 0, bytes.length, 0),
    () => begun.truncate(0),
    () => begun.datasync(),
    () => files.open(join(folder, 'new'), 'w'),
    () => files.rename(path, join(folder, 'new')),
    () => files.rm(path, { force: true }),
    () => files.rmdir(folder),
    () => files.syncFile(path),
    () => files.syncFolder(folder),
  ]) {
    await assert.rejects(late, deposed);
  }
  await begun.close();
  assert.deepEqual(await readdir(folder), ['object']);
  assert.equal(await readFile(path, 'utf8'), 'of the new owner');
  const reader = await files.open(path, 'r');
  assert.equal((await reader.stat()).size, 16);
  await reader.close();
});
