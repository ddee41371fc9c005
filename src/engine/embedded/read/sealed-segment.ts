import assert from 'node:assert/strict';
import { ChunkIndex } from '../format/chunk-index.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { SegmentName } from '../format/entries.ts';
import { readIndexBlock, type LogRow } from '../format/footer.ts';
import { segmentPath } from './segment-file.ts';

/** A segment that no longer changes. */
export class SealedSegment implements SegmentName {
  readonly number: number;
  readonly revision: number;
  readonly path: string;
  /** Size of the whole file. */
  readonly size: number;
  /** Payload that some log still needs, counted in whole spans. */
  liveBytes: number;
  readonly newestKeyMs: number;
  /** Where its footer begins. */
  readonly framesEnd: number;

  constructor(
    name: SegmentName,
    info: { size: number; liveBytes: number; newestKeyMs: number; framesEnd: number },
  ) {
    this.number = name.number;
    this.revision = name.revision;
    this.path = segmentPath(name);
    this.size = info.size;
    this.liveBytes = info.liveBytes;
    this.newestKeyMs = info.newestKeyMs;
    this.framesEnd = info.framesEnd;
  }
}

/** A bounded cache of open files and of the chunk indexes of sealed segments; the least recently used are evicted. */
export class SegmentReaders {
  readonly #disk: Disk;
  readonly #filesMax: number;
  readonly #indexBytesMax: number;
  readonly #files = new Map<string, OpenFile>();
  readonly #indexes = new Map<string, { readonly index: ChunkIndex; readonly bytes: number }>();
  #indexBytes = 0;

  constructor(disk: Disk, bounds: { readonly filesMax: number; readonly indexBytesMax: number }) {
    this.#disk = disk;
    this.#filesMax = bounds.filesMax;
    this.#indexBytesMax = bounds.indexBytesMax;
  }

  /** Calls `use` with the open file; a removal in the meantime waits before closing it. */
  async withFile<Result>(path: string, use: (file: DiskFile) => Promise<Result>): Promise<Result> {
    let open = this.#files.get(path);
    if (open === undefined) {
      open = { file: this.#disk.open(path, 'read'), users: 0, dismissed: false };
      open.file.catch(() => this.#files.delete(path));
    }
    this.#files.delete(path);
    this.#files.set(path, open);
    open.users++;
    try {
      this.#trimFiles();
      return await use(await open.file);
    } finally {
      open.users--;
      if (open.dismissed && open.users === 0) await closeQuietly(open);
    }
  }

  async index(segment: SealedSegment, row: LogRow): Promise<ChunkIndex> {
    const key = `${segment.path}:${row.log}`;
    const known = this.#indexes.get(key);
    if (known !== undefined) {
      this.#indexes.delete(key);
      this.#indexes.set(key, known);
      return known.index;
    }
    const bytes = await this.withFile(segment.path, (file) => readIndexBlock(file, segment.path, row));
    const index = ChunkIndex.fromBytes(row.firstIndex, bytes);
    assert.equal(index.nextIndex, row.nextIndex, 'an index whose end differs from the footer');
    if (!this.#indexes.has(key)) {
      this.#indexes.set(key, { index, bytes: bytes.length });
      this.#indexBytes += bytes.length;
    }
    this.#trimIndexes();
    return index;
  }

  /** Closes the file before it is removed. */
  async forget(path: string): Promise<void> {
    const open = this.#files.get(path);
    if (open !== undefined) await this.#dismiss(path, open);
    for (const [key, { bytes }] of this.#indexes) {
      if (!key.startsWith(`${path}:`)) continue;
      this.#indexes.delete(key);
      this.#indexBytes -= bytes;
    }
  }

  async close(): Promise<void> {
    for (const [path, open] of this.#files) await this.#dismiss(path, open);
  }

  #trimFiles(): void {
    for (const [path, open] of this.#files) {
      if (this.#files.size <= this.#filesMax) return;
      if (open.users === 0) void this.#dismiss(path, open);
    }
  }

  #trimIndexes(): void {
    for (const [key, { bytes }] of this.#indexes) {
      if (this.#indexBytes <= this.#indexBytesMax || this.#indexes.size === 1) return;
      this.#indexes.delete(key);
      this.#indexBytes -= bytes;
    }
  }

  async #dismiss(path: string, open: OpenFile): Promise<void> {
    this.#files.delete(path);
    open.dismissed = true;
    if (open.users === 0) await closeQuietly(open);
  }
}

interface OpenFile {
  readonly file: Promise<DiskFile>;
  users: number;
  dismissed: boolean;
}

/** A failed close of a file opened for reading loses nothing. */
async function closeQuietly(open: OpenFile): Promise<void> {
  await open.file.then((file) => file.close()).catch(() => undefined);
}
