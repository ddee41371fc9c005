import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { limits } from '../../../limits.ts';
import type { Files } from './files.ts';

/** A change of one object, as it is remembered until the files that show it are safe. Replaying it twice is harmless. */
export type Change =
  | {
      readonly type: 'put';
      readonly bucket: string;
      readonly key: string;
      /** Names its files in the staging folder. */
      readonly generation: string;
      /** The metadata file's text. */
      readonly meta: string;
      /** The content, when it is small; otherwise it is in the staging folder, flushed. */
      readonly bytes?: Uint8Array;
      /** The multipart upload that this completes. */
      readonly uploadId?: string;
    }
  | {
      readonly type: 'append';
      readonly bucket: string;
      readonly key: string;
      readonly generation: string;
      readonly meta: string;
      /** Where the new bytes go. */
      readonly offset: number;
      /** The new bytes, unless they are many: then they are in the object's file, flushed. */
      readonly bytes?: Uint8Array;
    }
  | { readonly type: 'delete'; readonly bucket: string; readonly key: string };

/**
 * The changes that are durable but not yet safe in files of their own: `journal-<number>`, each a sequence of
 * frames `length u32, crc32 u32, head length u32, head (JSON), bytes`, little-endian. The length counts what
 * follows the crc, which covers the same. One write and one flush serve all changes that wait (group commit).
 */
export class Journal {
  readonly #folder: string;
  readonly #files: Files;
  #file: FileHandle;
  #number: number;
  #length = 0;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #broken: Error | undefined;

  private constructor(folder: string, files: Files, file: FileHandle, number: number) {
    this.#folder = folder;
    this.#files = files;
    this.#file = file;
    this.#number = number;
  }

  /** Begins a new file behind those that `replay` reads. */
  static async open(folder: string, files: Files): Promise<Journal> {
    const number = ((await journalNumbers(folder, files)).at(-1) ?? 0) + 1;
    return new Journal(folder, files, await create(folder, files, number), number);
  }

  /** A failed write could not be taken back: it may be found by a replay, and nothing more is accepted until then. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  get lengthBytes(): number {
    return this.#length;
  }

  /** Resolves when the change is durable. Rejects when it certainly is not, or when that cannot be known. */
  append(change: Change): Promise<void> {
    if (this.#broken) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ frame: frameOf(change), resolve, reject });
      this.#running ??= this.#run().finally(() => (this.#running = undefined));
    });
  }

  /** Begins a new file; the returned function removes the older ones. No append may be under way. */
  async rotate(): Promise<() => Promise<void>> {
    if (this.#broken) throw this.#broken;
    const older = (await journalNumbers(this.#folder, this.#files)).filter((n) => n <= this.#number);
    const file = await create(this.#folder, this.#files, this.#number + 1);
    await this.#file.close();
    this.#file = file;
    this.#number++;
    this.#length = 0;
    return async () => {
      for (const number of older) await this.#files.rm(join(this.#folder, nameOf(number)), { force: true });
    };
  }

  async close(): Promise<void> {
    await this.#running;
    await this.#file.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(Buffer.concat(batch.map((entry) => entry.frame).flat()));
        for (const entry of batch) entry.resolve();
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#broken) throw this.#broken;
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await this.#file.write(bytes, done, bytes.length - done, this.#length + done)).bytesWritten;
      }
      await this.#file.datasync();
      this.#length += bytes.length;
    } catch (error) {
      await this.#takeBack(error);
      throw error;
    }
  }

  /** What failed to be written must not be found by a replay. When even that fails, nothing more is accepted. */
  async #takeBack(error: unknown): Promise<void> {
    try {
      await this.#file.truncate(this.#length);
      await this.#file.datasync();
    } catch {
      this.#broken = error instanceof Error ? error : new Error(String(error));
    }
  }
}

interface Waiting {
  readonly frame: readonly Uint8Array[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const HEADER_BYTES = 12;

function frameOf(change: Change): Uint8Array[] {
  const bytes = 'bytes' in change ? change.bytes : undefined;
  const head = Buffer.from(JSON.stringify({ ...change, bytes: undefined, inline: bytes !== undefined }));
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32LE(4 + head.length + (bytes?.length ?? 0), 0);
  header.writeUInt32LE(head.length, 8);
  const sum = crc32(head, crc32(header.subarray(8)));
  header.writeUInt32LE(bytes === undefined ? sum : crc32(bytes, sum), 4);
  return bytes === undefined ? [header, head] : [header, head, bytes];
}

/** All changes of all files, oldest first. A file ends at its first frame that is not whole: it was never acknowledged. */
export async function* replay(folder: string, files: Files): AsyncGenerator<Change> {
  for (const number of await journalNumbers(folder, files)) {
    yield* changesIn(join(folder, nameOf(number)));
  }
}

async function* changesIn(path: string): AsyncGenerator<Change> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    buffer = Buffer.concat([buffer, chunk as Buffer]); // without an encoding, it gives Buffers
    for (;;) {
      if (buffer.length < HEADER_BYTES) break;
      const end = 8 + buffer.readUInt32LE(0);
      if (end > limits.objectJournalFrameBytesMax) return;
      if (buffer.length < end) break;
      if (crc32(buffer.subarray(8, end)) !== buffer.readUInt32LE(4)) return;
      yield changeOf(buffer.subarray(8, end));
      buffer = buffer.subarray(end);
    }
  }
}

function changeOf(body: Buffer): Change {
  const headEnd = 4 + body.readUInt32LE(0);
  // Written by frameOf, and its checksum holds.
  const { inline, ...change } = JSON.parse(body.toString('utf8', 4, headEnd)) as Change & { inline: boolean };
  if (change.type === 'delete' || !inline) return change;
  return { ...change, bytes: Buffer.from(body.subarray(headEnd)) };
}

async function create(folder: string, files: Files, number: number): Promise<FileHandle> {
  const file = await files.open(join(folder, nameOf(number)), 'wx');
  await files.syncFolder(folder);
  return file;
}

function nameOf(number: number): string {
  return `journal-${String(number).padStart(10, '0')}`;
}

async function journalNumbers(folder: string, files: Files): Promise<number[]> {
  const names = await files.readdir(folder);
  return names
    .filter((name) => /^journal-\d+$/.test(name))
    .map((name) => Number(name.slice('journal-'.length)))
    .sort((a, b) => a - b);
}
