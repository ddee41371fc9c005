import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, gzip, zstdCompress } from 'node:zlib';
import { compress as snappyBlock } from 'snappy';

export type Compression = 'NONE' | 'GZIP' | 'ZSTD' | 'ZIP' | 'SNAPPY' | 'HADOOP_SNAPPY';

/**
 * File extensions and content encodings of compressed objects. HADOOP_SNAPPY is as recorded on AWS, not as documented.
 */
export const COMPRESSIONS: Readonly<
  Record<Compression, { readonly extension: string; readonly contentEncoding?: string }>
> = {
  NONE: { extension: '' },
  GZIP: { extension: '.gz', contentEncoding: 'gzip' },
  ZSTD: { extension: '.zst', contentEncoding: 'zstd' },
  ZIP: { extension: '.zip', contentEncoding: 'zip' },
  SNAPPY: { extension: '.snappy', contentEncoding: 'snappy-java' },
  HADOOP_SNAPPY: { extension: '.snappy', contentEncoding: 'hadoop-snappy' },
};

const gzipped = promisify(gzip);
const deflated = promisify(deflateRaw);
const zstandard = promisify(zstdCompress);

/** Compresses deterministically: no format includes a time. */
export async function compress(body: Buffer, compression: Compression): Promise<Buffer> {
  switch (compression) {
    case 'NONE':
      return body;
    case 'GZIP':
      return body.length <= GZIP_PIECE_BYTES ? await gzipped(body) : await gzipInPieces(body);
    case 'ZSTD':
      return await zstandard(body);
    case 'ZIP':
      return await zip(body);
    case 'SNAPPY':
      return await snappy(body, false);
    case 'HADOOP_SNAPPY':
      return await snappy(body, true);
  }
}

const GZIP_PIECE_BYTES = 1024 * 1024;
/** As many as the threads that compress, by default. */
const GZIP_PIECES_AT_ONCE = 4;
/** The magic bytes, deflate, no flags, no time, no extra flags, and Unix. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/**
 * One gzip member (RFC 1952), whose pieces are compressed on several threads at once: all but the last end at a byte
 * boundary without ending the stream, so that they can be put together. As pigz does it.
 */
async function gzipInPieces(body: Buffer): Promise<Buffer> {
  const count = Math.ceil(body.length / GZIP_PIECE_BYTES);
  const pieces: Buffer[] = [];
  let checksum = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const piece = body.subarray(index * GZIP_PIECE_BYTES, (index + 1) * GZIP_PIECE_BYTES);
      checksum = crc32(piece, checksum);
      const finishFlush = index === count - 1 ? constants.Z_FINISH : constants.Z_SYNC_FLUSH;
      pieces[index] = await deflated(piece, { finishFlush });
    }
  };
  await Promise.all(Array.from({ length: GZIP_PIECES_AT_ONCE }, work));
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(body.length % 2 ** 32, 4);
  return Buffer.concat([GZIP_HEADER, ...pieces, trailer]);
}

const ZIP_ENTRY = Buffer.from('data');
/** Version 2.0: deflate. */
const ZIP_VERSION = 20;
const ZIP_DEFLATE = 8;
/** 1980-01-01, the earliest date of the format. */
const ZIP_DATE = 0x0021;

/** An archive with one entry, `data`: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT. */
async function zip(body: Buffer): Promise<Buffer> {
  const content = await deflated(body);
  // The fields that the entry's local and central header share, from `version needed` to `extra length`.
  const common = Buffer.alloc(26);
  common.writeUInt16LE(ZIP_VERSION, 0);
  common.writeUInt16LE(ZIP_DEFLATE, 4);
  common.writeUInt16LE(ZIP_DATE, 8);
  common.writeUInt32LE(crc32(body), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(body.length, 18);
  common.writeUInt16LE(ZIP_ENTRY.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, ZIP_ENTRY, content]);
  const madeBy = Buffer.from([ZIP_VERSION, 0]);
  // Comment, disk, attributes and the offset of the local header: all zero.
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), madeBy, common, Buffer.alloc(14), ZIP_ENTRY]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const SNAPPY_BLOCK_BYTES = 64 * 1024;
/** The magic bytes of snappy-java's SnappyOutputStream, its version and the oldest compatible one. */
const SNAPPY_JAVA_HEADER = Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1');

/**
 * Writes blocks, each preceded by its length. Firehose's `Snappy` is the format of snappy-java, and its `HADOOP_SNAPPY`
 * that of Hadoop's SnappyCodec, which also includes the length of the data. Neither is Snappy's own framing format.
 */
async function snappy(body: Buffer, hadoop: boolean): Promise<Buffer> {
  const out: Buffer[] = hadoop ? [] : [SNAPPY_JAVA_HEADER];
  for (let start = 0; start < body.length; start += SNAPPY_BLOCK_BYTES) {
    const data = body.subarray(start, start + SNAPPY_BLOCK_BYTES);
    const block = await snappyBlock(data);
    if (hadoop) out.push(bigEndian(data.length));
    out.push(bigEndian(block.length), block);
  }
  return Buffer.concat(out);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
