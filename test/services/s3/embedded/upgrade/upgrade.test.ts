import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { list } from '../../../../../src/services/s3/embedded/listing.ts';
import { recordedLog } from '../../../../support/recorded-log.ts';
import { temporaryFolder } from '../../../../support/temporary-folder.ts';
import { openStore, readWhole, type TestStore } from '../store.ts';

/** A frame of the journal of version 1. */
function frame(change: object, bytes?: string): Buffer {
  const head = Buffer.from(JSON.stringify({ ...change, inline: bytes !== undefined }));
  const body = Buffer.concat([u32(head.length), head, Buffer.from(bytes ?? '')]);
  return Buffer.concat([u32(body.length), u32(crc32(body)), body]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function metaV1(key: string, sizeBytes: number, generation: string): string {
  const headers = { 'content-type': 'text/plain' };
  const rest = { etag: 'e', modifiedMs: 5, generation, headers, metadata: { m: generation } };
  return `${JSON.stringify({ key, sizeBytes, ...rest }, undefined, 2)}\n`;
}

const put = (key: string, text: string, generation: string): Buffer =>
  frame({ type: 'put', bucket: 'bucket', key, generation, meta: metaV1(key, text.length, generation) }, text);

const own = (path: string): string => `objects/.nagare/${path}`;

async function keysOf({ objects }: TestStore): Promise<string[]> {
  const query = { prefix: '', delimiter: '', after: '', afterIsPrefix: false };
  const keys: string[] = [];
  for await (const found of list(objects, 'bucket', query)) keys.push('meta' in found ? found.meta.key : '');
  return keys;
}

describe('an objects folder of version 1', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await temporaryFolder();
    await write('objects/.nagare/format.json', '{"version":1,"foldSafe":false}\n');
    await write('objects/.nagare/buckets/bucket.json', '{"createdMs":7}\n');
    await mkdir(`${folder}/objects/.nagare/staging`, { recursive: true });
    await object('a.txt', 'a.txt', 'as it was');
    await object('deep/er/b.txt', 'deep/er/b.txt', 'deep');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function write(path: string, content: string | Buffer): Promise<void> {
    await mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await writeFile(`${folder}/${path}`, content);
  }

  async function object(key: string, path: string, text: string): Promise<void> {
    await write(`objects/bucket/${path}`, text);
    await write(`objects/.nagare/meta/bucket/${path}.json`, metaV1(key, text.length, 'old'));
  }

  it('is upgraded at its first start, with the changes of its journal, and its metadata is set aside', async () => {
    await write(
      own('journal-0000000001'),
      Buffer.concat([
        put('c.txt', 'never seen', 'g1'),
        put('c.txt', 'new', 'g2'),
        frame(
          {
            type: 'append',
            bucket: 'bucket',
            key: 'c.txt',
            generation: 'g3',
            meta: metaV1('c.txt', 8, 'g3'),
            offset: 3,
          },
          ' more',
        ),
        frame({ type: 'delete', bucket: 'bucket', key: 'deep/er/b.txt' }),
      ]),
    );
    for (let start = 0; start < 2; start++) {
      const store = await openStore({ folder });
      assert.deepEqual(await keysOf(store), ['a.txt', 'c.txt']);
      assert.deepEqual(await readWhole(store, 'bucket', 'a.txt'), {
        text: 'as it was',
        metadata: { m: 'old' },
      });
      assert.deepEqual(await readWhole(store, 'bucket', 'c.txt'), {
        text: 'new more',
        metadata: { m: 'g3' },
      });
      assert.equal(store.buckets.get('bucket')?.createdMs, 7);
      await store.close();
    }
    assert.deepEqual((await readdir(`${folder}/${own('upgrade-backup-1')}`)).sort(), [
      'buckets',
      'journal-0000000001',
      'meta',
    ]);
    const format = await readFile(`${folder}/${own('format.json')}`, 'utf8');
    assert.match(format, /^\{"version":2,"foldSafe":false,"id":"[0-9a-f]{32}"\}\n$/);
  });

  // Its journal took 12 zeros for a frame, whose JSON it could not read: the server never started again.
  it('starts when its journal ends in zeros', async () => {
    await write(own('journal-0000000001'), Buffer.concat([put('c.txt', 'kept', 'g1'), Buffer.alloc(4096)]));
    const store = await openStore({ folder });
    assert.equal((await readWhole(store, 'bucket', 'c.txt'))?.text, 'kept');
    await store.close();
  });

  // A flip in an earlier frame dropped all acknowledged ones behind it.
  it('keeps the changes after a damaged one in its journal, and reports it', async () => {
    const damaged = put('lost.txt', 'lost', 'g1');
    damaged[20] = (damaged[20] ?? 0) ^ 4;
    await write(own('journal-0000000001'), Buffer.concat([damaged, put('c.txt', 'kept', 'g2')]));
    const { log, lines } = recordedLog();
    const store = await openStore({ folder, log });
    assert.deepEqual(await keysOf(store), ['a.txt', 'c.txt', 'deep/er/b.txt']);
    assert.ok(lines.some((line) => JSON.stringify(line).includes('journal of objects is damaged')));
    await store.close();
  });

  it('lists a bucket with an empty metadata file, and keeps the creation date of undamaged ones', async () => {
    await write(own('meta/bucket/a.txt.json'), '');
    await write(own('buckets/other.json'), '');
    const store = await openStore({ folder });
    assert.deepEqual(await keysOf(store), ['deep/er/b.txt']);
    assert.deepEqual(
      store.buckets.list().map(([name]) => name),
      ['bucket', 'other'],
    );
    await store.close();
    assert.equal(await readFile(`${folder}/objects/bucket/a.txt`, 'utf8'), 'as it was');
  });

  it('takes over uploads with their parts', async () => {
    const upload = { id: 'u1', bucket: 'bucket', key: 'k.txt', initiatedMs: 3, headers: {}, metadata: {} };
    const part = { number: 2, file: '2-g', sizeBytes: 4, etag: 'f'.repeat(32), modifiedMs: 4, checksums: {} };
    await write(own('uploads/u1/upload.json'), JSON.stringify(upload));
    await write(own('uploads/u1/2.json'), JSON.stringify(part));
    await write(own('uploads/u1/2-g'), 'part');
    const store = await openStore({ folder });
    assert.deepEqual((await readdir(`${folder}/${own('upgrade-backup-1/uploads/u1')}`)).sort(), [
      '2.json',
      'upload.json',
    ]);
    const found = store.uploads.get('bucket', 'k.txt', 'u1');
    await store.uploads.complete(found, (parts) => parts, 'unconditional');
    assert.equal((await readWhole(store, 'bucket', 'k.txt'))?.text, 'part');
    await store.close();
  });

  it('can be interrupted in its upgrade and appended to afterwards', async () => {
    const store = await openStore({ folder });
    await store.objects.append('bucket', 'a.txt', Buffer.from('!'), { metadata: {} }, () => undefined);
    await store.engine.close();
    await appendFile(`${folder}/objects/bucket/a.txt`, 'nobody');
    const again = await openStore({ folder });
    assert.equal((await readWhole(again, 'bucket', 'a.txt'))?.text, 'as it was!');
    await again.close();
  });
});
