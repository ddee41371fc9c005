import { unsupported } from './schema.ts';

export type ParquetCodec = 'UNCOMPRESSED' | 'SNAPPY' | 'GZIP' | 'ZSTD';

/** Of the table's property `write.parquet.compression-codec`. Throws IcebergError for codecs that are not there. */
export function codecOf(properties: Readonly<Record<string, string>>): ParquetCodec {
  const name = properties['write.parquet.compression-codec'] ?? 'zstd';
  switch (name.toLowerCase()) {
    case 'zstd':
      return 'ZSTD';
    case 'snappy':
      return 'SNAPPY';
    case 'gzip':
      return 'GZIP';
    case 'uncompressed':
    case 'none':
      return 'UNCOMPRESSED';
    default:
      throw unsupported(`its write.parquet.compression-codec is ${name}`);
  }
}

/** The fewest bytes that hold all values of that precision with their sign. */
export function decimalBytes(precision: number): number {
  return Math.ceil(((10n ** BigInt(precision)).toString(2).length + 1) / 8);
}
