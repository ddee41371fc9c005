import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { receive } from '../../../../src/services/s3/embedded/content.ts';
import { realFiles, type Files } from '../../../../src/services/s3/embedded/files.ts';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { seededPick } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const pick = seededPick(20191103);
const whole = Buffer.from(Uint32Array.from({ length: 500_000 }, () => pick(2 ** 32)).buffer);

/** In chunks of random sizes. */
async function* inChunks(bytes: Buffer, bytesMax: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const chunk = bytes.subarray(at, at + 1 + Math.floor(pick(bytesMax)));
    yield chunk;
    at += chunk.length;
  }
}

describe('a received body', () => {
  it('is in its file unchanged, whatever the sizes of its chunks', async () => {
    const folder = await temporaryFolder();
    for (const [n, bytesMax] of [10_000, 64 * 1024, s3Limits.objectWriteBytes, 1_500_000].entries()) {
      const path = join(folder, String(n));
      const content = await receive(realFiles, path, String(n), inChunks(whole, bytesMax), [], 1e9);
      assert.equal(content.bytes, undefined);
      assert.equal(content.md5, createHash('md5').update(whole).digest('hex'));
      assert((await readFile(path)).equals(whole), `chunks of up to ${bytesMax} bytes`);
    }
  });

  it('fails with the error of a write, and leaves no file and no open handle', async () => {
    const folder = await temporaryFolder();
    const lastWrite = Math.ceil(whole.length / s3Limits.objectWriteBytes);
    for (const failing of [1, 2, lastWrite]) {
      let [writes, open] = [0, 0];
      const files: Files = {
        ...realFiles,
        async open(path, flags) {
          const file = await realFiles.open(path, flags);
          open++;
          return {
            read: (into, offset, length, position) => file.read(into, offset, length, position),
            async write(bytes, offset, length, position) {
              if (++writes === failing) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
              return await file.write(bytes, offset, length, position);
            },
            truncate: (length) => file.truncate(length),
            stat: () => file.stat(),
            datasync: () => file.datasync(),
            async close() {
              open--;
              await file.close();
            },
          };
        },
      };
      const path = join(folder, 'staged');
      await assert.rejects(receive(files, path, 'staged', inChunks(whole, 50_000), [], 1e9), {
        code: 'ENOSPC',
      });
      assert.deepEqual([await readdir(folder), open], [[], 0], `write ${failing}`);
    }
  });
});
