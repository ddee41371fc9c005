import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { realFiles, type Files } from '../../../../src/services/s3/embedded/files.ts';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { seededPick } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { openStore, readWhole, type TestStore } from './store.ts';

const meta = { headers: {}, metadata: {} };
const FIRST = 'the first line\n';

async function storeWithObject(folder: string, files: Files): Promise<TestStore> {
  const store = await openStore({ folder, files });
  await store.buckets.create('bucket');
  const content = await store.objects.receive([Buffer.from(FIRST)] as never, [], 1e9, true);
  await store.objects.put('bucket', 'log.txt', content, meta, () => undefined);
  return store;
}

const append = ({ objects }: TestStore, text: string): Promise<unknown> =>
  objects.append('bucket', 'log.txt', Buffer.from(text), meta, () => undefined);

/** Files that show what is appended to objects, and whose appends can fail when the bytes are written. */
class WatchedFiles {
  readonly appended: Buffer[] = [];
  isFailing = false;
  readonly files: Files = {
    ...realFiles,
    open: async (path, flags) => {
      const file = await realFiles.open(path, flags);
      if (flags !== 'r+') return file;
      return {
        read: (into, offset, length, position) => file.read(into, offset, length, position),
        write: async (bytes, offset, length, position) => {
          this.appended.push(Buffer.from(bytes.subarray(offset, offset + length)));
          const written = await file.write(bytes, offset, length, position);
          if (this.isFailing) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          return written;
        },
        truncate: (length) => file.truncate(length),
        stat: () => file.stat(),
        datasync: () => file.datasync(),
        close: () => file.close(),
      };
    },
  };
}

describe('an append to an encrypted object', () => {
  // The counter went on where the content ended: what an interrupted append wrote and what the next one wrote in its
  // place were encrypted alike, and two copies of the disk gave the difference of the two texts.
  for (const interruption of ['crash', 'failure'] as const) {
    it(`shares no key stream with one before it that was interrupted by a ${interruption}`, async () => {
      const folder = await temporaryFolder();
      const watched = new WatchedFiles();
      let store = await storeWithObject(folder, watched.files);
      const [lost, kept] = [
        Buffer.from('what is lost\n'.repeat(999)),
        Buffer.from('what is kept\n'.repeat(999)),
      ];
      watched.isFailing = true;
      await assert.rejects(append(store, lost.toString()));
      watched.isFailing = false;
      if (interruption === 'crash') {
        await store.engine.close();
        store = await openStore({ folder, files: watched.files });
      }
      watched.appended.splice(1);
      await append(store, kept.toString());
      assert.equal((await readWhole(store, 'bucket', 'log.txt'))?.text, FIRST + kept.toString());
      const [before, after] = watched.appended;
      assert(before?.length === lost.length && after?.length === kept.length);
      const alike = before.filter(
        (byte, n) => (byte ^ (after[n] ?? 0)) === ((lost[n] ?? 0) ^ (kept[n] ?? 0)),
      );
      // One in 256 by chance.
      assert(alike.length < lost.length / 50, `${alike.length} of ${lost.length} bytes show the difference`);
      await store.close();
    });
  }

  it('is read back whole and by ranges, also when there are so many key streams that it was rewritten', async () => {
    const pick = seededPick(20191103);
    const folder = await temporaryFolder();
    const watched = new WatchedFiles();
    let store = await storeWithObject(folder, watched.files);
    let text = FIRST;
    const counts: number[] = [];
    for (let n = 0; n < s3Limits.objectKeyStreamsMax + 3; n++) {
      watched.isFailing = true;
      await assert.rejects(append(store, 'this fails'));
      watched.isFailing = false;
      for (const line of [`${n} `.repeat(1 + pick(40)), 'x'.repeat(pick(50)), '']) {
        await append(store, line);
        text += line;
      }
      const row = await store.objects.head('bucket', 'log.txt');
      counts.push(row?.keyStreams?.length ?? 0);
    }
    assert.equal(Math.max(...counts), s3Limits.objectKeyStreamsMax);
    assert((counts.at(-1) ?? 0) < 5, String(counts));
    for (let reopened = 0; reopened < 2; reopened++) {
      assert.equal((await readWhole(store, 'bucket', 'log.txt'))?.text, text);
      for (let n = 0; n < 100; n++) {
        const first = Math.floor(pick(text.length));
        const length = Math.floor(pick(text.length - first));
        const opened = await store.objects.open('bucket', 'log.txt');
        const chunks: Uint8Array[] = [];
        for await (const chunk of opened?.read(first, length) ?? []) chunks.push(chunk);
        assert.equal(Buffer.concat(chunks).toString(), text.slice(first, first + length));
      }
      await store.close();
      store = await openStore({ folder });
    }
    await store.close();
  });
});
