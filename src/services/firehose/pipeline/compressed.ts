import { compress, COMPRESSIONS } from '../../../delivery/compress.ts';
import { COMPRESSION_NAMES } from '../configuration/object-names.ts';
import type { PlainS3Settings } from '../configuration/settings.ts';
import type { ObjectFormat } from './s3-destination.ts';

/** Concatenates and compresses the records. */
export function compressedFormat({ CompressionFormat }: PlainS3Settings): ObjectFormat {
  const compression = COMPRESSION_NAMES[CompressionFormat];
  const { contentEncoding } = COMPRESSIONS[compression];
  return {
    contentEncoding,
    async encode(records) {
      const body = Buffer.concat(records.map(({ data }) => data));
      return { body: await compress(body, compression), refused: [] };
    },
  };
}
