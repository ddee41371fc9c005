import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../src/support/make-folder.ts';
import { readDiskLog } from '../faults/disk-log.ts';
import { DiskModel } from '../faults/disk-model.ts';
import { builtShim } from '../faults/shimmed-server.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { hasTools, runTool } from './tools.ts';

test('a folder is created with its missing parents, which are returned outermost first; a second call creates nothing', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a', 'b', 'c');
  assert.deepEqual(await makeFolder(path, 0o700), [join(folder, 'a'), join(folder, 'a', 'b'), path]);
  assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.deepEqual(await makeFolder(path), []);
  assert.deepEqual(await makeFolder('/'), []);
});

test('concurrent calls can create the same folder', async () => {
  const path = join(await temporaryFolder(), 'a', 'b', 'c');
  const made = await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
  assert.equal(made.flat().length, 3);
});

test('a file in the way, or a broken link, is refused with the system’s error', async () => {
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
  'where no folders can be created the attempt fails with ENOENT',
  { skip: existsSync('/proc/self') ? false : 'there is no /proc here' },
  async () => {
    await assert.rejects(makeFolder('/proc/a'), { code: 'ENOENT' });
    await assert.rejects(makeFolder('/proc/a/b/c'), { code: 'ENOENT' });
  },
);

// A start that finds a folder takes it for one that it made itself: what it writes there must survive with it.
test('a durable folder survives a power failure, also if a process was killed before it synced a part of it', async (t) => {
  if (!hasTools(t, 'cc')) return;
  const folder = await temporaryFolder();
  const [disk, log, image] = [join(folder, 'disk'), join(folder, 'log'), join(folder, 'image')];
  for (const path of [disk, image]) await mkdir(path);
  const module = new URL('../../src/support/make-folder.ts', import.meta.url).href;
  const run = async (make: string, path: string): Promise<unknown> =>
    await runTool(process.execPath, ['-e', `import('${module}').then((m) => m.${make}('${path}'))`], {
      env: { LD_PRELOAD: await builtShim(), DISK_SHIM_FOLDER: disk, DISK_SHIM_LOG: log },
    });
  await run('makeFolder', join(disk, 'a'));
  await run('makeDurableFolder', join(disk, 'a', 'b', 'c'));
  await run('makeFolder', join(disk, 'x'));
  await run('makeDurableFolder', join(disk, 'x'));
  const model = new DiskModel(() => 0);
  for (const { change } of readDiskLog(await readFile(log))) model.apply(change);
  await model.writeSurvivor(image, 'loose', () => 0);
  const found = await readdir(image, { recursive: true });
  assert.deepEqual(found.toSorted(), ['a', join('a', 'b'), join('a', 'b', 'c'), 'x']);
});
