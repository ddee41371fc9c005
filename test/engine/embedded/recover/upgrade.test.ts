import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';

import { FormatVersionError } from '../../../../src/engine/embedded/errors.ts';
import { verifyEngine } from '../../../../src/engine/embedded/recover/verify.ts';
import { ALL, pack, textsOf } from '../../contract.ts';
import { PowerCut } from '../../simulation/faulty-disk.ts';
import { contentOf, diskOf, emptyDisk, fillStore, openStore } from '../store.ts';

const FOLDER = new URL('../version-2/', import.meta.url);
const NEWEST = 'segments/000000000006-0.segment';
const VERSION_AT = 8;

/** What `fillStore` wrote with the last nagare of format version 2. */
async function storeOfVersion2(): Promise<Map<string, Buffer>> {
  const names = ['mark', ...(await readdir(new URL('segments', FOLDER))).map((name) => `segments/${name}`)];
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, FOLDER))] as const)),
  );
}

async function contentOfFilledStore(): Promise<Awaited<ReturnType<typeof contentOf>>> {
  const disk = emptyDisk();
  await fillStore(disk);
  const engine = await openStore(disk);
  const content = await contentOf(engine);
  await engine.close();
  return content;
}

describe('a store of format version 2', () => {
  it('is upgraded at its first start, after the changed files are copied', async () => {
    const files = await storeOfVersion2();
    const disk = diskOf(files);
    let engine = await openStore(disk);
    assert.deepEqual(await contentOf(engine), await contentOfFilledStore());
    await engine.append({ batches: [{ log: 1, records: pack('new') }] });
    await engine.close();
    const after = disk.files();
    for (const name of ['mark', NEWEST]) {
      assert.deepEqual(after.get(`before-upgrade-2/${name.replace('segments/', '')}`), files.get(name));
    }
    for (const [name, bytes] of files) {
      if (name !== 'mark' && name !== NEWEST) assert.deepEqual(after.get(name), bytes, name);
    }
    // An older nagare looks at the mark first, at either slot.
    assert.equal(after.get('mark')?.readUInt32LE(VERSION_AT), 3);
    assert.equal(after.get('mark')?.readUInt32LE(512 + VERSION_AT), 3);
    assert.equal(after.get('segments/000000000007-0.segment')?.readUInt32LE(VERSION_AT), 3);

    engine = await openStore(disk);
    assert.equal(textsOf(await engine.read(1, 0, ALL)).at(-1), 'new');
    await engine.close();
    assert.deepEqual((await verifyEngine({ folder: '', disk })).findings, []);
  });

  it('is not changed by verify', async () => {
    const files = await storeOfVersion2();
    const disk = diskOf(files);
    assert.deepEqual((await verifyEngine({ folder: '', disk })).findings, []);
    assert.deepEqual(disk.files(), new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1))));
  });

  it('loses nothing when the power fails at any moment of the upgrade', async () => {
    const content = await contentOfFilledStore();
    const files = await storeOfVersion2();
    let isCut = true;
    for (let calls = 1; isCut; calls++) {
      const disk = diskOf(files);
      disk.callsUntilCut = calls;
      isCut = await openStore(disk).then(
        () => false,
        (error: unknown) => {
          assert(error instanceof PowerCut, String(error));
          return true;
        },
      );
      disk.restart();
      const engine = await openStore(disk);
      assert.deepEqual(await contentOf(engine), content, `cut at call ${calls}`);
      await engine.close();
      const copied = disk.files().get('before-upgrade-2/000000000006-0.segment');
      assert.deepEqual(copied, files.get(NEWEST));
    }
  });

  it('of an unknown version is refused by name, in one line', async () => {
    const files = await storeOfVersion2();
    for (const version of [1, 4]) {
      const mark = Buffer.from(files.get('mark') ?? '');
      for (const slot of [0, 512]) {
        mark.writeUInt32LE(version, slot + VERSION_AT);
        mark.writeUInt32LE(crc32(mark.subarray(slot, slot + 508)), slot + 508);
      }
      await assert.rejects(openStore(diskOf(new Map([...files, ['mark', mark]]))), (error) => {
        assert(error instanceof FormatVersionError);
        const message = `mark has format version ${version}; this nagare reads versions 2 to 3. Start it with the nagare that wrote it`;
        assert.equal(error.message, message);
        return true;
      });
    }
  });
});
