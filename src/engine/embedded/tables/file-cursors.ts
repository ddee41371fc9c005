import type { RowKey } from '../format/row-key.ts';
import type { TableFile } from '../format/table-file.ts';
import type { SectionRef } from '../format/table-index.ts';
import type { Cursor } from './cursor.ts';
import { BlockCursor } from './rows-block.ts';
import type { TableReader } from './table-reader.ts';

/** Iterates over files that do not overlap, in key order. */
export async function levelCursor(
  reader: TableReader,
  files: readonly TableFile[],
  from: RowKey,
): Promise<Cursor> {
  const first = files.findIndex((file) => file.last >= from);
  const cursor = new ChainedCursor(first === -1 ? [] : files.slice(first), (file) =>
    reader.cursor(file, from),
  );
  await cursor.open();
  return cursor;
}

/** Like levelCursor, for reading all files once: in large steps, bypassing the cache. */
export async function wholeFilesCursor(reader: TableReader, files: readonly TableFile[]): Promise<Cursor> {
  const cursor = new WholeFilesCursor(reader, files);
  await cursor.open();
  return cursor;
}

class WholeFilesCursor implements Cursor {
  readonly #reader: TableReader;
  readonly #files: readonly TableFile[];
  #file: TableFile | undefined;
  #fileAt = 0;
  #sections: readonly SectionRef[] = [];
  #sectionAt = 0;
  #blocks: readonly Buffer[] = [];
  #blockAt = 0;
  #rows: BlockCursor | undefined;
  key: RowKey | undefined;

  constructor(reader: TableReader, files: readonly TableFile[]) {
    this.#reader = reader;
    this.#files = files;
  }

  get value(): Buffer | null {
    return this.#rows?.value ?? null;
  }

  /** Moves to the first row of the next section that has rows. */
  async open(): Promise<void> {
    while (!this.#openBlock()) {
      const section = this.#sections[this.#sectionAt++];
      if (section !== undefined && this.#file !== undefined) {
        this.#blocks = await this.#reader.wholeSection(this.#file, section);
        this.#blockAt = 0;
        continue;
      }
      this.#file = this.#files[this.#fileAt++];
      if (this.#file === undefined) return;
      this.#sections = await this.#reader.top(this.#file);
      this.#sectionAt = 0;
    }
  }

  next(): Promise<void> | undefined {
    this.#rows?.next();
    this.key = this.#rows?.key;
    return this.key !== undefined || this.#openBlock() ? undefined : this.open();
  }

  #openBlock(): boolean {
    const block = this.#blocks[this.#blockAt++];
    this.#rows = block === undefined ? undefined : new BlockCursor(block);
    this.key = this.#rows?.key;
    return this.key !== undefined;
  }
}

class ChainedCursor<Part> implements Cursor {
  readonly #parts: readonly Part[];
  readonly #cursorOf: (part: Part) => Cursor | Promise<Cursor>;
  #at = 0;
  #current: Cursor | undefined;

  constructor(parts: readonly Part[], cursorOf: (part: Part) => Cursor | Promise<Cursor>) {
    this.#parts = parts;
    this.#cursorOf = cursorOf;
  }

  get key(): RowKey | undefined {
    return this.#current?.key;
  }

  get value(): Cursor['value'] {
    return this.#current?.value ?? null;
  }

  /** Moves to the first row. */
  async open(): Promise<void> {
    this.#current = undefined;
    while (this.#at < this.#parts.length && this.#current?.key === undefined) {
      const part = this.#parts[this.#at++];
      if (part !== undefined) this.#current = await this.#cursorOf(part);
    }
  }

  next(): Promise<void> | undefined {
    const wait = this.#current?.next();
    if (wait !== undefined) return wait.then(() => this.#openNextWhenEnded());
    return this.#openNextWhenEnded();
  }

  #openNextWhenEnded(): Promise<void> | undefined {
    return this.#current === undefined || this.#current.key !== undefined ? undefined : this.open();
  }
}
