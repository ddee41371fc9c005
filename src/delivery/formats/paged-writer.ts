import { gzipSync } from 'node:zlib';
import type { ColumnChunk, RowGroup } from 'hyparquet';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { compressSync } from 'snappy';

export type ParquetCompression = 'UNCOMPRESSED' | 'GZIP' | 'SNAPPY';

export const compressors: Readonly<
  Record<Exclude<ParquetCompression, 'UNCOMPRESSED'>, (bytes: Uint8Array) => Uint8Array>
> = {
  GZIP: (bytes) => gzipSync(bytes),
  SNAPPY: (bytes) => compressSync(bytes),
};

/** The numbers of the page types in a page's header. */
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;

/** The header that hyparquet-writer writes for a page. */
interface PageInfo {
  readonly type: number;
  readonly levelBytes: number;
  readonly valueCount: number;
  readonly encoding: number;
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
}

const encodings: Readonly<Record<number, 'PLAIN' | 'RLE' | 'RLE_DICTIONARY'>> = {
  0: 'PLAIN',
  3: 'RLE',
  8: 'RLE_DICTIONARY',
};

/** Empty, because the values of a page are written later. */
const NO_BYTES = new Uint8Array(0);

/**
 * Writes a file with data pages of version 1, Firehose's default; hyparquet-writer itself writes version 2. The library
 * calls this writer as its compressor: it keeps the values of each page and returns no bytes. When a row group is
 * complete, its pages are rewritten: levels, preceded by their lengths, and values in one compressed block.
 */
export class VersionOneWriter extends ByteWriter {
  readonly #compression: ParquetCompression;
  readonly #groups: () => readonly RowGroup[];
  #groupStart = 0;
  /** The values of the row group's pages, in order. */
  #values: Uint8Array[] = [];

  constructor(compression: ParquetCompression, groups: () => readonly RowGroup[], initialBytes: number) {
    super(initialBytes);
    this.#compression = compression;
    this.#groups = groups;
  }

  /** Where the next row group begins. */
  beginGroup(): void {
    this.#groupStart = this.offset;
  }

  /** Passed to the library as its compressor. */
  readonly takeValues = (values: Uint8Array): Uint8Array => {
    this.#values.push(values);
    return NO_BYTES;
  };

  /** Called by the library when a row group is complete. */
  flush(): void {
    const group = this.#groups().at(-1);
    if (group === undefined) throw new Error('the written row group is missing');
    const pages = new PageReader(this.getBytes().slice(this.#groupStart), this.#values);
    this.#values = [];
    this.offset = this.#groupStart;
    this.index = this.#groupStart;
    let total = 0n;
    for (const chunk of group.columns) {
      this.#write(chunk, pages);
      total += chunk.meta_data?.total_uncompressed_size ?? 0n;
    }
    group.total_byte_size = total;
    group.total_compressed_size = BigInt(this.offset - this.#groupStart);
  }

  #write(chunk: ColumnChunk, pages: PageReader): void {
    const meta = chunk.meta_data;
    if (meta === undefined) throw new Error('a column chunk has no metadata');
    const end = pages.offset + Number(meta.total_compressed_size);
    const start = this.offset;
    let uncompressed = 0;
    let dictionaryEnd = start;
    while (pages.offset < end) {
      const page = pages.next();
      uncompressed += writePage(page, this.#compression, this);
      if (page.type === DICTIONARY_PAGE) dictionaryEnd = this.offset;
    }
    chunk.file_offset = BigInt(start);
    if (meta.dictionary_page_offset !== undefined) meta.dictionary_page_offset = BigInt(start);
    meta.data_page_offset = BigInt(dictionaryEnd);
    meta.codec = this.#compression;
    meta.total_uncompressed_size = BigInt(uncompressed);
    meta.total_compressed_size = BigInt(this.offset - start);
    for (const stats of meta.encoding_stats ?? []) {
      if (stats.page_type === 'DATA_PAGE_V2') stats.page_type = 'DATA_PAGE';
    }
  }
}

interface Page extends PageInfo {
  /** The levels as written: repetition levels, then definition levels. */
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
}

/** Reads the headers and levels of a row group, and adds the values that were kept. */
class PageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #values: Iterator<Uint8Array>;
  offset = 0;

  constructor(bytes: Uint8Array, values: readonly Uint8Array[]) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#values = values.values();
  }

  next(): Page {
    const reader = { view: this.#view, offset: this.offset };
    const info = pageFacts(deserializeTCompactProtocol(reader));
    this.offset = reader.offset + info.levelBytes;
    const values = this.#values.next();
    if (values.done === true) throw new Error('a page has no values');
    return { ...info, levels: this.#bytes.subarray(reader.offset, this.offset), values: values.value };
  }
}

function pageFacts(header: Readonly<Record<string, unknown>>): PageInfo {
  const type = numberOf(header['field_1']);
  const own = recordOf(header[type === DICTIONARY_PAGE ? 'field_7' : 'field_8']);
  return {
    type,
    levelBytes: numberOf(header['field_3']),
    valueCount: numberOf(own['field_1']),
    encoding: type === DATA_PAGE_V2 ? numberOf(own['field_4']) : numberOf(own['field_2']),
    definitionBytes: type === DATA_PAGE_V2 ? numberOf(own['field_5']) : 0,
    repetitionBytes: type === DATA_PAGE_V2 ? numberOf(own['field_6']) : 0,
  };
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new Error('the header of a page lacks a number');
  return value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new Error('the header of a page lacks a struct');
  return { ...value };
}

/** Returns the uncompressed size, including the header. */
function writePage(page: Page, compression: ParquetCompression, after: ByteWriter): number {
  const isDictionary = page.type === DICTIONARY_PAGE;
  const plain = isDictionary ? page.values : levelsAndValues(page);
  const compressed = compression === 'UNCOMPRESSED' ? plain : compressors[compression](plain);
  const sizes = { uncompressed_page_size: plain.length, compressed_page_size: compressed.length };
  const encoding = encodings[page.encoding];
  if (encoding === undefined) throw new Error(`a page has the encoding ${page.encoding}`);
  const start = after.offset;
  if (isDictionary) {
    const header = { num_values: page.valueCount, encoding };
    writePageHeader(after, { type: 'DICTIONARY_PAGE', ...sizes, dictionary_page_header: header });
  } else {
    const levels = { definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' } as const;
    const header = { num_values: page.valueCount, encoding, ...levels };
    writePageHeader(after, { type: 'DATA_PAGE', ...sizes, data_page_header: header });
  }
  const headerBytes = after.offset - start;
  after.appendBytes(compressed);
  return headerBytes + plain.length;
}

/**
 * Required columns have no definition levels, and columns that do not repeat no repetition levels. Their lengths are
 * omitted too.
 */
function levelsAndValues({ levels, values, repetitionBytes, definitionBytes }: Page): Uint8Array {
  const lengths = (repetitionBytes > 0 ? 4 : 0) + (definitionBytes > 0 ? 4 : 0);
  const result = new Uint8Array(lengths + levels.length + values.length);
  const view = new DataView(result.buffer);
  let at = 0;
  let from = 0;
  for (const bytes of [repetitionBytes, definitionBytes]) {
    if (bytes === 0) continue;
    view.setUint32(at, bytes, true);
    result.set(levels.subarray(from, from + bytes), at + 4);
    at += 4 + bytes;
    from += bytes;
  }
  result.set(values, at);
  return result;
}
