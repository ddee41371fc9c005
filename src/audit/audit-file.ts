import { type FileHandle, open, rename } from 'node:fs/promises';
import { hasErrorCode } from '../support/errno.ts';

export interface AuditFileOptions {
  readonly path: string;
  /** A file that would become larger is kept as `<path>.1`, and a new one begins. */
  readonly bytesMax: number;
  /** With the one that is written. The oldest is deleted when there would be more. */
  readonly filesMax: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  bytes: number;
}

const NEWLINE = 0x0a;

/**
 * An append-only file of lines, rotated by its size. Another program may rename or remove it: `reopen` then begins a new
 * one. After a crash, its last line may be cut off; the next one begins on a line of its own.
 */
export class AuditFile {
  readonly #options: AuditFileOptions;
  #file: OpenFile | undefined;
  /** The rest of a write that failed halfway, for example because the disk was full. */
  #rest: Buffer | undefined;
  #reopens = false;

  constructor(options: AuditFileOptions) {
    this.#options = options;
  }

  /** Creates the file. Rejects with the system's error if that is not possible. */
  async open(): Promise<void> {
    this.#file ??= await openAtLine(this.#options.path);
  }

  /** The next write goes to a file under the path as it is then. */
  reopen(): void {
    this.#reopens = true;
  }

  /** Rejects if not all was written. The next call must be with the same lines, and continues where this one ended. */
  async write(lines: string): Promise<void> {
    const rest = this.#rest ?? Buffer.from(lines);
    const isWhole = this.#rest === undefined;
    this.#rest = rest;
    if (isWhole) await this.#prepare(rest.length);
    const file = (this.#file ??= await openAtLine(this.#options.path));
    for (let at = 0; at < rest.length;) {
      this.#rest = rest.subarray(at);
      const { bytesWritten } = await file.handle.write(rest, at);
      at += bytesWritten;
      file.bytes += bytesWritten;
    }
    this.#rest = undefined;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #prepare(bytes: number): Promise<void> {
    if (this.#reopens) {
      this.#reopens = false;
      await this.close();
    }
    const { bytesMax } = this.#options;
    const file = (this.#file ??= await openAtLine(this.#options.path));
    if (file.bytes === 0 || file.bytes + bytes <= bytesMax) return;
    await this.close();
    await this.#rotate();
  }

  async #rotate(): Promise<void> {
    const { path, filesMax } = this.#options;
    for (let number = filesMax - 1; number > 0; number--) {
      const from = number === 1 ? path : `${path}.${number - 1}`;
      await rename(from, `${path}.${number}`).catch((error: unknown) => {
        if (!hasErrorCode(error, 'ENOENT')) throw error;
      });
    }
    if (filesMax === 1) await (await open(path, 'w', 0o600)).close();
  }
}

async function openAtLine(path: string): Promise<OpenFile> {
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    if (size === 0) return { handle, bytes: 0 };
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] === NEWLINE) return { handle, bytes: size };
    await handle.write('\n');
    return { handle, bytes: size + 1 };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
