import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import { nodeDisk } from '../../../../src/engine/embedded/node-disk.ts';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { realFiles } from '../../../../src/services/s3/embedded/files.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { until } from '../../../support/until.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { openStore, readWhole, type TestStore } from './store.ts';

describe('the objects folder', () => {
  let folder = '';
  let clock = new ManualClock();
  beforeEach(async () => {
    folder = await temporaryFolder();
    clock = new ManualClock(Date.UTC(2026, 10, 22));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (files = realFiles) => openStore({ folder, clock, files });
  const meta = { headers: { 'content-type': 'text/plain' }, metadata: {} };
  const own = (path: string) => `${folder}/objects/.nagare/${path}`;

  async function put({ objects }: TestStore, key: string, text: string): Promise<void> {
    const content = await objects.receive([Buffer.from(text)] as never, [], 1e9);
    await objects.put('bucket', key, content, meta, () => {});
  }

  /** Ends the process without any of what a stop does, changes files, and starts again. */
  async function crash(store: TestStore, change: () => Promise<void>): Promise<TestStore> {
    await store.engine.close();
    await change();
    return await open();
  }

  it('is created, found again, and contains what was put', async () => {
    let store = await open();
    await store.buckets.create('bucket');
    await put(store, 'a.txt', 'text');
    await store.close();
    store = await open();
    assert.equal((await store.objects.head('bucket', 'a.txt'))?.sizeBytes, 4);
    assert.deepEqual(
      store.buckets.list().map(([name]) => name),
      ['bucket'],
    );
    await store.close();
  });

  it('lets the engine drop contents some seconds after a change, when the files are synced', async () => {
    const store = await open();
    await store.buckets.create('bucket');
    await put(store, 'a.txt', 'text');
    const { log } = store.objects.index.store() ?? { log: -1 };
    assert.equal(store.engine.bounds(log).firstIndex, 0);
    clock.advance(s3Limits.objectSettleDelayMs);
    await until(async () => store.engine.bounds(log).firstIndex === 1, { what: 'the log is trimmed' });
    await store.close();
  });

  it('restores from the engine what the files have lost', async () => {
    let store = await open();
    await store.buckets.create('bucket');
    await put(store, 'a.txt', 'one');
    await put(store, 'b.txt', 'other');
    await store.objects.append('bucket', 'a.txt', Buffer.from(' two'), meta, () => {});
    // A loss of power took what was not synced: one file is as it began, one has no name yet.
    store = await crash(store, async () => {
      await truncate(`${folder}/objects/bucket/a.txt`, 2);
      await rm(`${folder}/objects/bucket/b.txt`);
    });
    assert.equal((await readWhole(store, 'bucket', 'a.txt'))?.text, 'one two');
    assert.equal((await readWhole(store, 'bucket', 'b.txt'))?.text, 'other');
    await store.close();
  });

  it('finds a large content where it was staged, or in its place', async () => {
    let store = await open();
    await store.buckets.create('bucket');
    const text = 'large '.repeat(s3Limits.objectInlineBytesMax);
    await put(store, 'a.txt', text);
    const content = (await store.objects.index.get('bucket', 'a.txt'))?.content ?? '';
    store = await crash(store, () => rename(`${folder}/objects/bucket/a.txt`, own(`staging/${content}`)));
    assert.equal((await readWhole(store, 'bucket', 'a.txt'))?.text, text);
    await store.close();
  });

  it('empties its staging folder, and finds uploads and their parts again', async () => {
    let store = await open();
    await store.buckets.create('bucket');
    const upload = await store.uploads.create({ bucket: 'bucket', key: 'k.txt', ...meta });
    const content = await store.objects.receive([Buffer.from('part')] as never, [], 1e9);
    await store.uploads.putPart(upload, 3, content);
    store = await crash(store, async () => {
      await writeFile(own('staging/left'), 'over');
      await mkdir(own('uploads/half-made'));
      await writeFile(own(`uploads/${upload.id}/9-nobody`), 'part without a row');
    });
    assert.deepEqual(await readdir(own('staging')), []);
    assert.deepEqual(await readdir(own('uploads')), [upload.id]);
    const found = store.uploads.get('bucket', 'k.txt', upload.id);
    assert.deepEqual(
      (await store.uploads.parts('bucket', 'k.txt', upload.id)).map(({ number }) => number),
      [3],
    );
    assert.equal((await readdir(own(`uploads/${upload.id}`))).length, 1);
    await store.uploads.complete(found, (parts) => parts, 'unconditional');
    assert.equal(await readFile(`${folder}/objects/bucket/k.txt`, 'utf8'), 'part');
    await store.close();
  });

  it('is refused in an unknown version', async () => {
    await (await open()).close();
    await writeFile(own('format.json'), '{"version":3,"foldSafe":false}');
    await assert.rejects(open(), {
      name: 'ObjectsFolderError',
      message: /supports version 2 of the objects folder, not 3/,
    });
  });

  for (const [what, text] of [
    ['torn', '{"version":2,"fold'],
    ['empty', ''],
    ['zeros', '\0\0\0\0\0\0\0\0'],
    ['something else', '[]'],
  ] as const) {
    it(`reports in one line that its format.json is damaged: ${what}`, async () => {
      await (await open()).close();
      await writeFile(own('format.json'), text);
      await assert.rejects(open(), {
        name: 'ObjectsFolderError',
        message: /^[^\n]*format\.json is damaged[^\n]*$/,
      });
    });
  }

  it('is refused beside the engine of another folder, and without one', async () => {
    await (await open()).close();
    await rm(`${folder}/engine`, { recursive: true });
    await assert.rejects(open(), { name: 'ObjectsFolderError', message: /another engine's folder/ });
    await rename(own('format.json'), own('kept'));
    await (await open()).close();
    await rename(own('kept'), own('format.json'));
    await assert.rejects(open(), { name: 'ObjectsFolderError', message: /does not match the engine/ });
  });

  it('is refused on a file system that folds names that the previous one distinguished', async () => {
    await (await open()).close();
    const files = { ...realFiles, exists: () => Promise.resolve(true) };
    await assert.rejects(open(files), { name: 'ObjectsFolderError', message: /upper from lower case/ });
  });

  it('syncs once for all waiters', async () => {
    let syncs = 0;
    await mkdir(`${folder}/engine`);
    const disk = nodeDisk(`${folder}/engine`);
    const counting: Disk = {
      ...disk,
      async open(path, mode) {
        const file = await disk.open(path, mode);
        return new Proxy(file, {
          get(target, name) {
            if (name === 'sync') syncs++;
            const member: unknown = Reflect.get(target, name);
            return typeof member === 'function' ? member.bind(target) : member;
          },
        });
      },
    };
    const store = await openStore({ folder, disk: counting });
    await store.buckets.create('bucket');
    const before = syncs;
    await Promise.all(Array.from({ length: 200 }, (_, i) => put(store, `${i}.txt`, 'text')));
    assert.ok(syncs - before < 100, `${syncs - before} syncs`);
    await store.close();
  });
});
