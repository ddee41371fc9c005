import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { BLOCK_BYTES, BlockSummer, BlockSums } from '../../../../src/services/s3/embedded/block-sums.ts';
import type { OpenFile } from '../../../../src/services/s3/embedded/files.ts';
import { readContent, type StoredContent } from '../../../../src/services/s3/embedded/stored-content.ts';
import { releaseBuffer } from '../../../../src/support/buffer-pool.ts';
import { seededPick } from '../../../support/random.ts';

const BLOCKS = 11;
const SIZE = BLOCKS * BLOCK_BYTES - 1000;
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, n) => n * 2_654_435_761).buffer);

interface Reading extends StoredContent {
  /** Bytes of each read. */
  readonly reads: number[];
  readonly closings: { count: number };
}

/** `bytes` as a file, of which the sums are those of `content`. */
function stored(bytes: Buffer = content): Reading {
  const summer = new BlockSummer();
  summer.update(content);
  const reads: number[] = [];
  const closings = { count: 0 };
  const file = {
    async read(into: Uint8Array, offset: number, length: number, position: number) {
      assert.equal(closings.count, 0, 'read after it was closed');
      const found = bytes.subarray(position, position + length);
      into.set(found, offset);
      reads.push(found.length);
      return { bytesRead: found.length };
    },
    async close() {
      closings.count++;
    },
  } as unknown as OpenFile; // of which readContent uses no more
  return { file, sizeBytes: SIZE, sums: new BlockSums(summer.finish()), reads, closings };
}

/** Releases each chunk, as a response does when it was sent. */
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of chunks) {
    copies.push(Buffer.from(chunk));
    releaseBuffer(chunk);
  }
  return Buffer.concat(copies);
}

describe('a content', () => {
  it('is returned whole and by ranges, with any amount of memory, in pooled buffers', async () => {
    const pick = seededPick(20191103);
    assert.deepEqual(await collect(readContent(stored(), 0, SIZE)), content);
    for (let n = 0; n < 200; n++) {
      const first = Math.floor(pick(SIZE));
      const length = Math.floor(pick(Math.min(SIZE - first, 4 * BLOCK_BYTES)));
      const file = stored();
      const room = (): number => pick(12) * BLOCK_BYTES;
      const seen = await collect(readContent(file, first, length, room));
      assert(seen.equals(content.subarray(first, first + length)), `${length} bytes from ${first} on`);
      assert.equal(file.closings.count, 1);
    }
  });

  it('is read in large pieces, the next one ahead; in blocks without reading ahead when memory is scarce', async () => {
    const file = stored();
    const chunks = readContent(file, 0, SIZE);
    assert.equal((await chunks.next()).value?.length, s3Limits.objectReadBytesMax);
    assert.deepEqual(file.reads, [s3Limits.objectReadBytesMax, s3Limits.objectReadBytesMax]);
    await chunks.return?.();
    const scarce = stored();
    const blocks = readContent(scarce, 0, SIZE, () => 2 * BLOCK_BYTES - 1);
    for (let n = 1; n <= 3; n++) {
      assert.equal((await blocks.next()).value?.length, BLOCK_BYTES);
      assert.deepEqual(scarce.reads, Array(n).fill(BLOCK_BYTES));
    }
    await blocks.return?.();
    assert.equal(scarce.closings.count, 1);
  });

  it('is returned up to the block that is damaged or missing', async () => {
    const damaged = Buffer.from(content);
    damaged.writeUInt8(damaged.readUInt8(6 * BLOCK_BYTES + 5) ^ 1, 6 * BLOCK_BYTES + 5);
    for (const [bytes, message] of [
      [damaged, `bytes ${6 * BLOCK_BYTES} to ${7 * BLOCK_BYTES - 1} do not match their checksum`],
      [content.subarray(0, 6 * BLOCK_BYTES + 9), `it ends at byte ${6 * BLOCK_BYTES + 9} instead of ${SIZE}`],
    ] as const) {
      const file = stored(bytes);
      const given: Buffer[] = [];
      const reading = async (): Promise<void> => {
        for await (const chunk of readContent(file, 0, SIZE)) given.push(Buffer.from(chunk));
      };
      await assert.rejects(reading(), { message });
      assert(Buffer.concat(given).equals(content.subarray(0, 6 * BLOCK_BYTES)));
      assert.equal(file.closings.count, 1);
      assert(
        (await collect(readContent(stored(bytes), 0, 1000))).equals(content.subarray(0, 1000)),
        'the blocks before it are as good as ever',
      );
    }
  });

  it('stops reading, and reserves no memory, when it is closed during a read', async () => {
    const file = stored();
    let asked = 0;
    const chunks = readContent(file, 0, SIZE, () => {
      asked++;
      return Infinity;
    });
    const pending = chunks.next();
    await chunks.return?.();
    await pending;
    assert.equal(asked, 1);
    assert.equal((await chunks.next()).done, true);
  });
});
