import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInflateRaw, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { once } from 'node:events';
import { unzipSync } from 'fflate';
import { uncompressSync } from 'snappy';
import { compress, type Compression } from '../../src/delivery/compress.ts';

const lines = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `{"number":${i}}\n`).join(''));
const formats: readonly Compression[] = ['NONE', 'GZIP', 'ZSTD', 'ZIP', 'SNAPPY', 'HADOOP_SNAPPY'];

/** The data of Snappy's blocks, each after its length; with `hadoop`, also after the length of the data. */
function blocks(bytes: Buffer, hadoop: boolean): Buffer {
  const found: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const dataLength = hadoop ? bytes.readUInt32BE(at) : undefined;
    if (hadoop) at += 4;
    const length = bytes.readUInt32BE(at);
    const data = Buffer.from(uncompressSync(bytes.subarray(at + 4, at + 4 + length)));
    if (dataLength !== undefined) assert.equal(data.length, dataLength);
    found.push(data);
    at += 4 + length;
  }
  return Buffer.concat(found);
}

function read(bytes: Buffer, format: Compression): Uint8Array {
  switch (format) {
    case 'NONE':
      return bytes;
    case 'GZIP':
      return gunzipSync(bytes);
    case 'ZSTD':
      return zstdDecompressSync(bytes);
    case 'ZIP': {
      const entries = unzipSync(bytes);
      assert.deepEqual(Object.keys(entries), ['data']);
      return entries['data'] ?? Buffer.alloc(0);
    }
    case 'SNAPPY':
      // snappy-java's SnappyCodec: magic, version 1, compatible with version 1.
      assert.equal(bytes.toString('hex', 0, 16), '82534e41505059000000000100000001');
      return blocks(bytes.subarray(16), false);
    case 'HADOOP_SNAPPY':
      return blocks(bytes, true);
  }
}

for (const format of formats) {
  test(`${format} can be decompressed, even if empty`, async () => {
    const bytes = await compress(lines, format);
    assert.ok(lines.equals(read(bytes, format)));
    if (format !== 'NONE') assert.ok(bytes.length < lines.length / 2, `${bytes.length} bytes`);
    assert.equal(read(await compress(Buffer.alloc(0), format), format).length, 0);
  });

  test(`${format} is deterministic, so that a repeated object is the same`, async () => {
    assert.ok((await compress(lines, format)).equals(await compress(lines, format)));
  });
}

test('a large GZIP object has one member, even if it is compressed in parts', async () => {
  const large = Buffer.concat(Array.from({ length: 9 }, () => lines));
  for (const length of [1024 * 1024, 1024 * 1024 + 1, 2 * 1024 * 1024, large.length]) {
    const body = large.subarray(0, length);
    const bytes = await compress(body, 'GZIP');
    assert.ok(body.equals(gunzipSync(bytes)));
    // A reader that stops after the first member has read everything.
    const { bytesWritten, buffer } = await firstMember(bytes);
    assert.equal(buffer.length, body.length);
    assert.equal(bytesWritten, bytes.length);
  }
});

/** What a raw inflate behind the header finds until the stream ends, and where that is. */
async function firstMember(bytes: Buffer): Promise<{ bytesWritten: number; buffer: Buffer }> {
  const inflate = createInflateRaw();
  const parts: Buffer[] = [];
  inflate.on('data', (part: Buffer) => parts.push(part));
  inflate.end(bytes.subarray(10));
  await once(inflate, 'end');
  return { bytesWritten: 10 + inflate.bytesWritten + 8, buffer: Buffer.concat(parts) };
}
