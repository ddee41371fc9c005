import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';

export type Compression = 'NONE' | 'GZIP' | 'ZSTD';

const gzipped = promisify(gzip);
const zstandard = promisify(zstdCompress);

export async function compress(body: Buffer, compression: Compression): Promise<Buffer> {
  switch (compression) {
    case 'NONE':
      return body;
    case 'GZIP':
      return await gzipped(body);
    case 'ZSTD':
      return await zstandard(body);
  }
}
