import { open, readdir, readFile, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../support/errno.ts';
import { makeDurableFolder, PRIVATE_FILE_MODE } from '../../support/make-folder.ts';
import { syncFolder } from '../../support/sync.ts';
import { linesOfStream } from './log-events.ts';
import type { LogSegments } from './log-segments.ts';

const LINE_FEED = 0x0a;
const SEGMENT_NAME = /^(\d{8})\.ndjson$/;

/** The segments of a log group as files: `<number>.ndjson`, one event per line. */
export class SegmentFiles implements LogSegments {
  readonly #folder: string;
  #open: { readonly number: number; readonly file: FileHandle } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** None if there is no folder. */
  async list(): Promise<{ readonly number: number; readonly bytes: number }[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    });
    const found: { number: number; bytes: number }[] = [];
    for (const name of names.filter((each) => SEGMENT_NAME.test(each)).sort()) {
      found.push({ number: Number(name.slice(0, 8)), bytes: (await stat(join(this.#folder, name))).size });
    }
    return found;
  }

  async content(number: number): Promise<Buffer> {
    try {
      return await readFile(this.#path(number));
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return Buffer.alloc(0);
      throw error;
    }
  }

  get openNumber(): number | undefined {
    return this.#open?.number;
  }

  async begin(number: number): Promise<void> {
    await this.finish();
    await makeDurableFolder(this.#folder);
    const file = await open(this.#path(number), 'a+', PRIVATE_FILE_MODE);
    this.#open = { number, file };
    const { size } = await file.stat();
    if (size === 0) return await syncFolder(this.#folder);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] !== LINE_FEED) await file.appendFile('\n');
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#open?.file.appendFile(bytes);
  }

  async sync(): Promise<void> {
    await this.#open?.file.datasync();
  }

  async finish(): Promise<void> {
    const opened = this.#open;
    this.#open = undefined;
    await opened?.file.close();
  }

  async remove(number: number): Promise<void> {
    if (this.#open?.number === number) await this.finish();
    await rm(this.#path(number), { force: true });
  }

  async blank(number: number, stream: string): Promise<void> {
    const lines = linesOfStream(await this.content(number), stream);
    if (lines.length === 0) return;
    const file = await open(this.#path(number), 'r+');
    try {
      for (const { start, end } of lines) {
        await file.write(Buffer.alloc(end - start, ' '), 0, end - start, start);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Removes the folder, too. */
  async erase(): Promise<void> {
    await this.finish();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #path(number: number): string {
    return join(this.#folder, `${String(number).padStart(8, '0')}.ndjson`);
  }
}
