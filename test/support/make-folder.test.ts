import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/support/make-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

test('a folder is made with the parents it lacks, which are told from the outermost on; once more, nothing is', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a', 'b', 'c');
  assert.deepEqual(await makeFolder(path, 0o700), [join(folder, 'a'), join(folder, 'a', 'b'), path]);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.deepEqual(await makeFolder(path), []);
  assert.deepEqual(await makeFolder('/'), []);
});

test('many may make the same one at once', async () => {
  const path = join(await temporaryFolder(), 'a', 'b', 'c');
  const made = await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  assert.equal(made.flat().length, 3);
});

test('a file in the way, or a link to nowhere, is refused with the system’s error', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  await symlink(join(folder, 'nowhere'), join(folder, 'link'));
  await assert.rejects(makeFolder(join(folder, 'file')), { code: 'EEXIST' });
  await assert.rejects(makeFolder(join(folder, 'file', 'a', 'b')), { code: 'ENOTDIR' });
  await assert.rejects(makeFolder(join(folder, 'link', 'a')), { code: 'EEXIST' });
  await assert.rejects(makeFolder(join(folder, 'n'.repeat(300))), { code: 'ENAMETOOLONG' });
});

// Node's recursive mkdir goes on for ever there: the parent exists, and still it is ENOENT.
test(
  'where the system makes no folders the attempt ends, with its ENOENT',
  { skip: existsSync('/proc/self') ? false : 'there is no /proc here' },
  async () => {
    await assert.rejects(makeFolder('/proc/a'), { code: 'ENOENT' });
    await assert.rejects(makeFolder('/proc/a/b/c'), { code: 'ENOENT' });
  },
);
