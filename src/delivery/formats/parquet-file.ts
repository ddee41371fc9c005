import type { Compressors } from 'hyparquet-writer/src/types.js';
import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import type { HiveField } from './hive-type.ts';
import { formatLimits } from './limits.ts';
import { compressors, type ParquetCompression, VersionOneWriter } from './paged-writer.ts';
import { parquetSchema } from './parquet-schema.ts';

/** ParquetSerDe's options, with defaults filled in. */
export interface ParquetOptions {
  readonly compression: ParquetCompression;
  /** Maximum size of a row group. */
  readonly blockSizeBytes: number;
  readonly pageSizeBytes: number;
  readonly hasDictionaries: boolean;
  /** If a row group would begin within this distance of the end of a block, the rest of the block is padded. */
  readonly maxPaddingBytes: number;
  readonly writerVersion: 'V1' | 'V2';
}

/** A Parquet file in memory. The same rows always give the same bytes. */
export class ParquetFile {
  readonly #fields: readonly HiveField[];
  readonly #options: ParquetOptions;
  readonly #bytes: ByteWriter;
  readonly #writer: ParquetWriter;

  /** `initialBytes` is the initial buffer size; the buffer grows by copying. */
  constructor(fields: readonly HiveField[], options: ParquetOptions, initialBytes: number) {
    this.#fields = fields;
    this.#options = options;
    if (options.writerVersion === 'V1') {
      const bytes = new VersionOneWriter(options.compression, () => this.#writer.row_groups, initialBytes);
      this.#bytes = bytes;
      this.#writer = newWriter(fields, bytes, 'SNAPPY', { SNAPPY: bytes.takeValues });
    } else {
      this.#bytes = new ByteWriter(initialBytes);
      this.#writer = newWriter(fields, this.#bytes, options.compression, compressors);
    }
  }

  /** Adds a row group: an array for each column, all of the same length. */
  addRowGroup(columns: readonly unknown[][]): void {
    const rows = columns[0]?.length ?? 0;
    if (rows === 0) return;
    this.#pad();
    if (this.#bytes instanceof VersionOneWriter) this.#bytes.beginGroup();
    const columnData = this.#fields.map(({ name, type }, index): ColumnSource => {
      const isPlain = !this.#options.hasDictionaries || type.kind === 'boolean';
      return {
        name,
        data: columns[index] ?? [],
        ...(isPlain && { encoding: 'PLAIN' as const }),
        // Page offsets would be wrong, because pages are rewritten.
        offsetIndex: this.#options.writerVersion === 'V2',
      };
    });
    void this.#writer.write({
      columnData,
      rowGroupSize: rows,
      pageSize: this.#options.pageSizeBytes,
      dictionarySize: formatLimits.dictionaryBytesMax,
    });
  }

  /** Ends the file and returns it. No row group can be added afterwards. */
  finish(): Uint8Array {
    void this.#writer.finish();
    return this.#bytes.getBytes();
  }

  #pad(): void {
    const { blockSizeBytes, maxPaddingBytes } = this.#options;
    const rest = blockSizeBytes - (this.#bytes.offset % blockSizeBytes);
    if (rest <= maxPaddingBytes) this.#bytes.appendBytes(new Uint8Array(rest));
  }
}

function newWriter(
  fields: readonly HiveField[],
  writer: ByteWriter,
  codec: ParquetCompression,
  library: Compressors,
): ParquetWriter {
  return new ParquetWriter({
    writer,
    schema: parquetSchema(fields),
    codec,
    compressors: library,
    createdBy: 'nagare',
  });
}
