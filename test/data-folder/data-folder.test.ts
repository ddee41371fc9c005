import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { openDataFolder, openExistingDataFolder } from '../../src/data-folder/data-folder.ts';
import { FolderInUseError, FolderLostError, NotADataFolderError } from '../../src/data-folder/errors.ts';
import { readDiskLog } from '../faults/disk-log.ts';
import { DiskModel } from '../faults/disk-model.ts';
import { builtShim } from '../faults/shimmed-server.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, runTool } from '../support/tools.ts';

const MODULE = new URL('../../src/data-folder/data-folder.ts', import.meta.url).href;

/** A process that holds the folder, and is killed. */
async function killedOwner(folder: string): Promise<void> {
  const script = `
    const { openDataFolder } = await import(${JSON.stringify(MODULE)});
    await openDataFolder(${JSON.stringify(folder)});
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function mayHaveOlderWriter(folder: string): Promise<boolean> {
  const data = await openDataFolder(folder);
  await data.close();
  return data.mayHaveOlderWriter;
}

test('an owner that was stopped, or killed on this machine, can no longer write', async () => {
  const folder = await temporaryFolder();
  assert.equal(await mayHaveOlderWriter(folder), false);
  assert.equal(await mayHaveOlderWriter(folder), false);
  await killedOwner(folder);
  assert.equal(await mayHaveOlderWriter(folder), false);
});

test('an owner on another kernel, or one whose lock was removed, may still write', async () => {
  const folder = await temporaryFolder();
  const mark = join(folder, 'lock', 'owner');
  await killedOwner(folder);
  const owner = JSON.parse(await readFile(mark, 'utf8')) as object;
  await writeFile(mark, JSON.stringify({ ...owner, bootId: 'of another machine' }));
  assert.equal(await mayHaveOlderWriter(folder), true);
  await killedOwner(folder);
  for (const name of await readdir(join(folder, 'lock'))) {
    if (name.endsWith('.socket')) await rm(join(folder, 'lock', name));
  }
  assert.equal(await mayHaveOlderWriter(folder), true);
});

test('an owner learns that and by whom it was replaced, permanently', async () => {
  const folder = await temporaryFolder();
  const first = await openDataFolder(folder);
  first.fence.check();
  await assert.rejects(openDataFolder(folder), FolderInUseError);
  for (const name of await readdir(join(folder, 'lock'))) {
    if (name.endsWith('.socket')) await rm(join(folder, 'lock', name));
  }
  const second = await openDataFolder(folder);
  assert.throws(() => first.fence.check(), FolderLostError);
  assert.match((await first.lost).message, new RegExp(`process ${process.pid} on .* took it over`));
  await first.close();
  second.fence.check();
  await assert.rejects(openDataFolder(folder), FolderInUseError);
  await second.close();
  assert.throws(() => first.fence.check(), FolderLostError);
});

test('an idle owner learns it too', async () => {
  const folder = await temporaryFolder();
  const first = await openDataFolder(folder);
  await rm(join(folder, 'lock'), { recursive: true });
  assert.ok((await first.lost) instanceof FolderLostError);
  await first.close();
});

test('commands for an existing folder create none, and leftovers of a killed start are removed', async () => {
  const folder = join(await temporaryFolder(), 'data');
  await assert.rejects(openExistingDataFolder(folder), NotADataFolderError);
  await mkdir(folder);
  await assert.rejects(openExistingDataFolder(folder), NotADataFolderError);
  assert.deepEqual(await readdir(folder), []);
  await mkdir(join(folder, 'lock'));
  await writeFile(join(folder, 'lock', 'owner-of-a-killed-start'), '');
  const data = await openExistingDataFolder(folder);
  assert.deepEqual((await readdir(join(folder, 'lock'))).toSorted(), ['000000000001.socket', 'owner']);
  await data.close();
});

// `clock.json.tmp` was all that a power cut had left of the first start, and the folder was refused.
test('a folder whose first start was cut off by a power cut is still a data folder, or empty', async (t) => {
  if (!hasTools(t, 'cc')) return;
  const folder = await temporaryFolder();
  const [disk, log] = [join(folder, 'disk'), join(folder, 'log')];
  await mkdir(disk);
  const data = join(disk, 'data');
  const script = `
    const { openDataFolder } = await import('${MODULE}');
    const { writeFile } = await import('node:fs/promises');
    await openDataFolder('${data}');
    await writeFile('${join(data, 'clock.json.tmp')}', '{}');
    process.exit();`;
  await runTool(process.execPath, ['--input-type=module', '-e', script], {
    env: { LD_PRELOAD: await builtShim(), DISK_SHIM_FOLDER: disk, DISK_SHIM_LOG: log },
  });
  const model = new DiskModel(() => 0);
  let [cuts, begun] = [0, 0];
  for (const { change } of readDiskLog(await readFile(log))) {
    model.apply(change);
    for (let seed = 1; seed <= 8; seed++) {
      const image = join(folder, `cut-${++cuts}`);
      await mkdir(image);
      await model.writeSurvivor(image, 'loose', seededRandom(cuts));
      const opened = await openDataFolder(join(image, 'data'));
      if ((await readdir(opened.path)).includes('clock.json.tmp')) begun++;
      await opened.close();
    }
  }
  assert(begun > 0, 'the first file was left by some of them');
});
