import assert from 'node:assert/strict';

import type { Disk, DiskFile } from '../disk.ts';
import { BloomFilter, hashOf } from '../format/bloom-filter.ts';
import type { RowKey } from '../format/row-key.ts';
import { encodeBlock } from '../format/table-block.ts';
import {
  encodeTableHeader,
  encodeTableTrailer,
  TABLE_HEADER_BYTES,
  TABLE_TRAILER_BYTES,
  TABLES_FOLDER,
  tablePath,
  type TableFile,
} from '../format/table-file.ts';
import { encodeSection, encodeTop, type BlockRef, type SectionRef } from '../format/table-index.ts';
import type { Cursor } from './cursor.ts';
import { RowsBlocks } from './rows-block.ts';
import { textOf } from './stored-value.ts';

export interface TableTarget {
  readonly level: number;
  readonly store: Buffer;
  /** Target size of a row block; a larger row has a block of its own. */
  readonly blockBytes: number;
  /** Bytes written in one call; other work may run between calls. */
  readonly sectionBytes: number;
  /** Bytes after which the file is synced: the sync of a commit would otherwise wait for all of them. */
  readonly syncBytes: number;
  readonly createdMs: number;
  /** Size after which a new file is begun; 0: a single file. */
  readonly fileBytesMax: number;
  /** There are no older files: rows that mark a deletion are left out. */
  readonly isOldest: boolean;
  takeNumber(): number;
  /** Checked between sections; when it returns true, the writing stops and leaves nothing behind. */
  isCancelled(): boolean;
}

/**
 * Writes all rows of the cursor to new files, which are durable when this resolves. They become part of the store only
 * with a frame that names them. Returns undefined when cancelled. After any failure the files are removed: a file whose
 * sync failed is never trusted again.
 */
export async function writeTables(
  disk: Disk,
  rows: Cursor,
  target: TableTarget,
): Promise<TableFile[] | undefined> {
  const written: TableFile[] = [];
  try {
    for (;;) {
      const file = await writeTable(disk, rows, target);
      if (file === 'cancelled') {
        await removeAll(disk, written);
        return undefined;
      }
      if (file !== undefined) written.push(file);
      if (rows.key === undefined) return written;
    }
  } catch (error) {
    await removeAll(disk, written);
    throw error;
  }
}

async function removeAll(disk: Disk, files: readonly TableFile[]): Promise<void> {
  for (const { number } of files) await disk.remove(tablePath(number)).catch(() => undefined);
}

async function writeTable(
  disk: Disk,
  rows: Cursor,
  target: TableTarget,
): Promise<TableFile | 'cancelled' | undefined> {
  await skipDeleted(rows, target);
  if (rows.key === undefined) return undefined;
  const number = target.takeNumber();
  const path = tablePath(number);
  const temporary = `${path}.tmp`;
  const file = await disk.open(temporary, 'create');
  let isWhole = false;
  try {
    const writer = new TableWriter(file, number, target);
    const isCancelled = await fill(writer, rows, target);
    if (isCancelled) return 'cancelled';
    const written = await writer.finish();
    await disk.rename(temporary, path);
    await disk.syncFolder(TABLES_FOLDER);
    isWhole = true;
    return written;
  } finally {
    await file.close();
    // This matters most when the disk is full.
    if (!isWhole) {
      await disk.remove(temporary).catch(() => undefined);
      await disk.remove(path).catch(() => undefined);
    }
  }
}

/** Returns true when cancelled. */
async function fill(writer: TableWriter, rows: Cursor, target: TableTarget): Promise<boolean> {
  await writer.begin();
  while (rows.key !== undefined) {
    if (!target.isOldest || rows.value !== null) {
      writer.add(
        rows.key,
        rows.value === null || Buffer.isBuffer(rows.value) ? rows.value : textOf(rows.value),
      );
    }
    const wait = rows.next();
    if (wait !== undefined) await wait;
    if (writer.sectionBytes < target.sectionBytes) continue;
    await writer.endSection();
    if (target.isCancelled()) return true;
    if (target.fileBytesMax > 0 && writer.bytes >= target.fileBytesMax) break;
  }
  return false;
}

/** A file with only omitted rows would have no first key. */
async function skipDeleted(rows: Cursor, target: TableTarget): Promise<void> {
  while (target.isOldest && rows.key !== undefined && rows.value === null) {
    const wait = rows.next();
    if (wait !== undefined) await wait;
  }
}

class TableWriter {
  readonly #file: DiskFile;
  readonly #number: number;
  readonly #target: TableTarget;
  readonly #sections: SectionRef[] = [];
  readonly #blocks: RowsBlocks;
  #refs: BlockRef[] = [];
  #hashes: number[] = [];
  #blockFirst: RowKey = '';
  #end = TABLE_HEADER_BYTES;
  #syncedEnd = 0;
  #rows = 0;
  #deleted = 0;
  #first: RowKey = '';
  #last: RowKey = '';
  /** The last key of the block before. */
  #endedAt: RowKey = '';

  constructor(file: DiskFile, number: number, target: TableTarget) {
    this.#file = file;
    this.#number = number;
    this.#target = target;
    this.#blocks = new RowsBlocks(target.sectionBytes + 2 * target.blockBytes);
  }

  get bytes(): number {
    return this.#end + this.#blocks.length;
  }

  get sectionBytes(): number {
    return this.#blocks.length;
  }

  begin(): Promise<void> {
    const { createdMs, store } = this.#target;
    return this.#file.write([encodeTableHeader(this.#number, createdMs, store)], 0);
  }

  /** Rows must come in key order. */
  add(key: RowKey, value: string | Buffer | null): void {
    if (this.#rows === 0) this.#first = key;
    if (this.#blocks.blockBytes === 0) this.#blockFirst = key;
    this.#blocks.add(key, value);
    const { first, second } = hashOf(key);
    this.#hashes.push(first, second);
    this.#last = key;
    this.#rows++;
    if (value === null) this.#deleted++;
    if (this.#blocks.blockBytes >= this.#target.blockBytes) this.#endBlock();
  }

  async endSection(): Promise<void> {
    if (this.#blocks.blockBytes > 0) this.#endBlock();
    const [first] = this.#refs;
    if (first === undefined) return;
    const rows = this.#blocks.take();
    const position = this.#end + rows.length;
    const body = encodeSection(this.#refs, BloomFilter.of(this.#hashes));
    const index = encodeBlock(body, 'section', { file: this.#number, position });
    await this.#file.write([rows, index], this.#end);
    const { firstKey } = first;
    this.#sections.push({ firstKey, start: this.#end, position, bytes: index.length });
    this.#end = position + index.length;
    this.#refs = [];
    this.#hashes = [];
    if (this.#end - this.#syncedEnd < this.#target.syncBytes) return;
    await this.#file.sync();
    this.#syncedEnd = this.#end;
  }

  async finish(): Promise<TableFile> {
    await this.endSection();
    const [rows, deleted, topAt] = [this.#rows, this.#deleted, this.#end];
    const top = encodeBlock(encodeTop(this.#sections), 'top', { file: this.#number, position: topAt });
    const bytes = topAt + top.length + TABLE_TRAILER_BYTES;
    const trailer = encodeTableTrailer(this.#number, { size: bytes, topAt, rows, deleted });
    await this.#file.write([top, trailer], topAt);
    await this.#file.sync();
    const { level } = this.#target;
    return { number: this.#number, level, bytes, rows, deleted, first: this.#first, last: this.#last };
  }

  #endBlock(): void {
    assert(this.#blockFirst <= this.#last && this.#endedAt < this.#blockFirst, 'rows out of key order');
    this.#endedAt = this.#last;
    const place = this.#blocks.seal(this.#number, this.#end);
    this.#refs.push({ firstKey: this.#blockFirst, ...place });
  }
}
