import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { limits } from '../../../../src/limits.ts';
import { realFiles } from '../../../../src/services/s3/embedded/files.ts';
import { openEmbeddedObjects, type EmbeddedObjects } from '../../../../src/services/s3/embedded/open.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

describe('the objects folder', () => {
  let folder = '';
  let clock = new ManualClock();
  beforeEach(async () => {
    folder = `${await temporaryFolder()}/objects`;
    clock = new ManualClock(Date.UTC(2026, 10, 22));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => openEmbeddedObjects({ folder, clock, log: silentLog });
  const meta = { headers: { 'content-type': 'text/plain' }, metadata: {} };
  const own = (path: string) => `${folder}/.nagare/${path}`;
  const journals = async () => (await readdir(own(''))).filter((name) => name.startsWith('journal-'));

  async function put(embedded: EmbeddedObjects, key: string, text: string): Promise<void> {
    const content = await embedded.objects.receive([Buffer.from(text)] as never, [], 1e9);
    await embedded.objects.put('bucket', key, content, meta, () => {});
  }

  async function crash(embedded: EmbeddedObjects, change: () => Promise<void>): Promise<EmbeddedObjects> {
    await change();
    const next = await open();
    await embedded.close();
    return next;
  }

  it('is made, found again, and holds what was put', async () => {
    let embedded = await open();
    await embedded.buckets.create('bucket');
    await put(embedded, 'a.txt', 'text');
    await embedded.close();
    embedded = await open();
    assert.equal((await embedded.objects.head('bucket', 'a.txt'))?.sizeBytes, 4);
    assert.deepEqual(
      embedded.buckets.list().map(([name]) => name),
      ['bucket'],
    );
    await embedded.close();
  });

  it('forgets its journal some seconds after a change, when the files are safe', async () => {
    const embedded = await open();
    await embedded.buckets.create('bucket');
    await put(embedded, 'a.txt', 'text');
    const [before] = await journals();
    clock.advance(limits.objectCheckpointDelayMs);
    for (;;) {
      const now = await journals();
      if (now.length === 1 && now[0] !== before) break;
    }
    assert.equal((await readFile(own((await journals())[0] ?? ''))).length, 0);
    await embedded.close();
  });

  it('shows again from the journal what the files had lost', async () => {
    let embedded = await open();
    await embedded.buckets.create('bucket');
    await put(embedded, 'a.txt', 'one');
    await embedded.objects.append('bucket', 'a.txt', Buffer.from(' two'), meta, () => {});
    // A loss of power took what was not flushed: the metadata file is empty, the content is as it began.
    embedded = await crash(embedded, async () => {
      await truncate(own('meta/bucket/a.txt.json'), 0);
      await truncate(`${folder}/bucket/a.txt`, 2);
    });
    assert.equal((await embedded.objects.head('bucket', 'a.txt'))?.sizeBytes, 7);
    assert.equal(await readFile(`${folder}/bucket/a.txt`, 'utf8'), 'one two');
    await embedded.close();
  });

  it('takes a frame that is not whole for one that never was', async () => {
    let embedded = await open();
    await embedded.buckets.create('bucket');
    await put(embedded, 'a.txt', 'kept');
    embedded = await crash(embedded, async () => {
      const [journal = ''] = await journals();
      await appendFile(own(journal), Buffer.from([255, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    });
    assert.equal(await readFile(`${folder}/bucket/a.txt`, 'utf8'), 'kept');
    await embedded.close();
  });

  it('empties its staging, and knows uploads and their parts again', async () => {
    let embedded = await open();
    await embedded.buckets.create('bucket');
    const upload = await embedded.uploads.create({ bucket: 'bucket', key: 'k.txt', ...meta });
    const content = await embedded.objects.receive([Buffer.from('part')] as never, [], 1e9);
    await embedded.uploads.putPart(upload, 3, content);
    embedded = await crash(embedded, async () => {
      await writeFile(own('staging/left'), 'over');
      await mkdir(own('uploads/half-made'));
      await writeFile(own(`uploads/${upload.id}/9-nobody`), 'part without a name');
    });
    assert.deepEqual(await readdir(own('staging')), []);
    assert.deepEqual(await readdir(own('uploads')), [upload.id]);
    const found = embedded.uploads.get('bucket', 'k.txt', upload.id);
    assert.deepEqual(
      found.parts.map(({ number }) => number),
      [3],
    );
    assert.equal((await readdir(own(`uploads/${upload.id}`))).length, 3);
    await embedded.uploads.complete(found.upload, (parts) => parts, 'unconditional');
    assert.equal(await readFile(`${folder}/bucket/k.txt`, 'utf8'), 'part');
    await embedded.close();
  });

  it('is refused in a version that is not known', async () => {
    await (await open()).close();
    await writeFile(own('format.json'), '{"version":2,"foldSafe":false}');
    await assert.rejects(open(), /knows version 1 of the objects folder, not 2/);
  });

  it('is refused on a file system that folds names that the one before told apart', async () => {
    await (await open()).close();
    const files = { ...realFiles, exists: () => Promise.resolve(true) };
    await assert.rejects(
      openEmbeddedObjects({ folder, clock, log: silentLog, files }),
      /upper from lower case/,
    );
  });

  it('says which file is damaged', async () => {
    const embedded = await open();
    await embedded.buckets.create('bucket');
    await put(embedded, 'a.txt', 'text');
    await writeFile(own('meta/bucket/a.txt.json'), '{');
    await assert.rejects(embedded.objects.head('bucket', 'a.txt'), /a\.txt\.json is damaged/);
    await embedded.close();
  });

  it('writes one flush for all who wait', async () => {
    let flushes = 0;
    const files = {
      ...realFiles,
      async open(path: string, flags: string) {
        const handle = await realFiles.open(path, flags);
        if (!path.includes('journal-')) return handle;
        return new Proxy(handle, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (typeof member !== 'function') return member;
            return (...args: unknown[]): unknown => {
              if (name === 'datasync') flushes++;
              return Reflect.apply(member, target, args);
            };
          },
        });
      },
    };
    const embedded = await openEmbeddedObjects({ folder, clock, log: silentLog, files });
    await embedded.buckets.create('bucket');
    await Promise.all(Array.from({ length: 200 }, (_, i) => put(embedded, `${i}.txt`, 'text')));
    assert.ok(flushes < 100, `${flushes} flushes`);
    await embedded.close();
  });
});
