import type { DiskFile } from '../disk.ts';
import type { RowKey } from '../format/row-key.ts';
import { checkedBlock, type BlockKind } from '../format/table-block.ts';
import { readTableTrailer, tablePath, TABLE_TRAILER_BYTES, type TableFile } from '../format/table-file.ts';
import {
  decodeSection,
  decodeTop,
  findBlock,
  placeOf,
  type BlockRef,
  type SectionRef,
} from '../format/table-index.ts';
import type { SegmentReaders } from '../read/sealed-segment.ts';
import { BlockCache } from './block-cache.ts';
import type { Cursor } from './cursor.ts';
import { BlockCursor, findRow } from './rows-block.ts';

/**
 * Reads table files. Blocks and section indexes go through a bounded LRU cache; the section list of each file that was
 * read stays in memory (about 100 bytes per 128 KiB).
 */
export class TableReader {
  readonly #files: SegmentReaders;
  readonly #store: Buffer;
  readonly #cache: BlockCache;
  readonly #tops = new Map<number, Promise<readonly SectionRef[]>>();

  constructor(files: SegmentReaders, options: { readonly store: Buffer; readonly cacheBytesMax: number }) {
    this.#files = files;
    this.#store = options.store;
    this.#cache = new BlockCache(options.cacheBytesMax);
  }

  /** Undefined when the file does not have the key; null for a deletion. Throws DamageError. */
  async get(file: TableFile, key: RowKey): Promise<string | null | undefined> {
    const top = await this.top(file);
    const ref = top[placeOf(top, key)];
    if (ref === undefined) return undefined;
    const keyBytes = Buffer.from(key, 'latin1');
    const block = await this.#use(file, ref, 'section', (body) => findBlock(body, key, keyBytes));
    if (block === undefined) return undefined;
    return await this.#use(file, block, 'rows', (body) => {
      const row = findRow(body, keyBytes);
      return row === undefined || row === null ? row : row.toString();
    });
  }

  /** A cursor at the first row at or after `from`. */
  async cursor(file: TableFile, from: RowKey): Promise<Cursor> {
    const top = await this.top(file);
    const cursor = new FileCursor(this, file, top);
    await cursor.seek(from);
    return cursor;
  }

  top(file: TableFile): Promise<readonly SectionRef[]> {
    let top = this.#tops.get(file.number);
    if (top === undefined) {
      top = this.#readTop(file);
      this.#tops.set(file.number, top);
      top.catch(() => this.#tops.delete(file.number));
    }
    return top;
  }

  async blocks(file: TableFile, ref: SectionRef): Promise<readonly BlockRef[]> {
    return await this.#use(file, ref, 'section', (body) => decodeSection(body).blocks);
  }

  /** A copy of a block, for a cursor that stands on it for a while. */
  async rows(file: TableFile, ref: BlockRef): Promise<Buffer> {
    return await this.#use(file, ref, 'rows', (body) => Buffer.from(body));
  }

  /** Reads a section's rows with one read, bypassing the cache; for reading a whole file once. */
  async wholeSection(file: TableFile, ref: SectionRef): Promise<Buffer[]> {
    const bytes = await this.#read(file, ref.start, ref.position + ref.bytes - ref.start);
    const path = tablePath(file.number);
    const index = bytes.subarray(ref.position - ref.start);
    const { blocks } = decodeSection(
      checkedBlock(index, 'section', { file: file.number, position: ref.position }, path),
    );
    return blocks.map(({ position }) =>
      checkedBlock(bytes.subarray(position - ref.start), 'rows', { file: file.number, position }, path),
    );
  }

  /** Closes the file before it is removed. */
  async forget(file: TableFile): Promise<void> {
    this.#tops.delete(file.number);
    await this.#files.forget(tablePath(file.number));
  }

  async #readTop(file: TableFile): Promise<readonly SectionRef[]> {
    return await this.#files.withFile(tablePath(file.number), async (open) => {
      const { topAt, size } = await readTableTrailer(open, file.number, this.#store);
      const bytes = await readBytes(open, topAt, size - TABLE_TRAILER_BYTES - topAt);
      const place = { file: file.number, position: topAt };
      return decodeTop(checkedBlock(bytes, 'top', place, tablePath(file.number)));
    });
  }

  /** Reads a block through the cache. `use` may not keep the block, nor a view of it. */
  async #use<Result>(
    file: TableFile,
    ref: Omit<BlockRef, 'firstKey'>,
    kind: BlockKind,
    use: (body: Buffer) => Result,
  ): Promise<Result> {
    const { number } = file;
    const { position, bytes } = ref;
    const read = async (into: Buffer): Promise<Buffer> => {
      const path = tablePath(number);
      const length = await this.#files.withFile(path, (open) => open.read(into, position));
      return checkedBlock(into.subarray(0, length), kind, { file: number, position }, path);
    };
    return await this.#cache.use(`${number}:${position}`, bytes, read, use);
  }

  async #read(file: TableFile, position: number, length: number): Promise<Buffer> {
    return await this.#files.withFile(tablePath(file.number), (open) => readBytes(open, position, length));
  }
}

async function readBytes(file: DiskFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const read = await file.read(bytes, position);
  return bytes.subarray(0, read);
}

/** Iterates over the rows of one file, block by block through the cache. */
class FileCursor implements Cursor {
  readonly #reader: TableReader;
  readonly #file: TableFile;
  readonly #top: readonly SectionRef[];
  #sectionAt = 0;
  #blocks: readonly BlockRef[] = [];
  #blockAt = 0;
  #rows: BlockCursor | undefined;

  constructor(reader: TableReader, file: TableFile, top: readonly SectionRef[]) {
    this.#reader = reader;
    this.#file = file;
    this.#top = top;
  }

  get key(): RowKey | undefined {
    return this.#rows?.key;
  }

  get value(): Buffer | null {
    return this.#rows?.value ?? null;
  }

  async seek(key: RowKey): Promise<void> {
    this.#sectionAt = placeOf(this.#top, key);
    await this.#openSection();
    this.#blockAt = placeOf(this.#blocks, key);
    await this.#openBlock();
    this.#rows?.seek(key);
    while (this.#rows !== undefined && this.#rows.key === undefined) await this.#nextBlock();
  }

  next(): Promise<void> | undefined {
    this.#rows?.next();
    return this.#rows === undefined || this.#rows.key !== undefined ? undefined : this.#nextBlock();
  }

  async #nextBlock(): Promise<void> {
    if (++this.#blockAt === this.#blocks.length) {
      this.#sectionAt++;
      await this.#openSection();
    }
    await this.#openBlock();
  }

  async #openSection(): Promise<void> {
    const ref = this.#top[this.#sectionAt];
    this.#blocks = ref === undefined ? [] : await this.#reader.blocks(this.#file, ref);
    this.#blockAt = 0;
  }

  async #openBlock(): Promise<void> {
    const ref = this.#blocks[this.#blockAt];
    this.#rows = ref === undefined ? undefined : new BlockCursor(await this.#reader.rows(this.#file, ref));
  }
}
