import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { limits } from '../../../limits.ts';
import { makeDurableFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';
import { syncFolder } from '../../../support/sync.ts';
import { FOLDER_PERMISSIONS } from './unpack.ts';
import type { UnpackResult, UnpackTask } from './unpack-worker.ts';

/** A zip that was uploaded, by its content. */
export interface StoredCode {
  /** In base64, as Lambda tells it. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export class InvalidZipError extends Error {
  override readonly name = 'InvalidZipError';
}

export class CodeTooLargeError extends Error {
  override readonly name = 'CodeTooLargeError';
}

const workerPath = new URL(
  `./unpack-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/**
 * The code of functions on disk: `<function>/<sha256 of the zip>/` holds `code.zip`, as it was uploaded, and `code/`,
 * what is in it. A folder appears whole or not at all.
 */
export class CodeStore {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<CodeStore> {
    await makeDurableFolder(folder);
    return new CodeStore(folder);
  }

  /** Resolves when it is safe on disk. Throws InvalidZipError, CodeTooLargeError. */
  async put(functionName: string, zip: Uint8Array): Promise<StoredCode> {
    const sha256 = createHash('sha256').update(zip).digest('base64');
    const target = this.#path(functionName, sha256);
    const incoming = join(this.#folder, `.incoming-${randomUUID()}`);
    try {
      await unpackInThread({
        zip,
        folder: join(incoming, 'code'),
        bounds: { bytesMax: limits.codeUnzippedBytesMax, filesMax: limits.codeFilesMax },
      });
      await writeFile(join(incoming, 'code.zip'), zip, { flush: true, mode: PRIVATE_FILE_MODE });
      await syncFolder(incoming);
      await makeDurableFolder(join(this.#folder, functionName), FOLDER_PERMISSIONS);
      await replace(incoming, target);
      await syncFolder(join(this.#folder, functionName));
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    return { sha256, sizeBytes: zip.byteLength };
  }

  /** Where the unpacked code lies. */
  folder(functionName: string, sha256: string): string {
    return join(this.#path(functionName, sha256), 'code');
  }

  /** The zip as it was uploaded. */
  async zip(functionName: string, sha256: string): Promise<Buffer> {
    return await readFile(join(this.#path(functionName, sha256), 'code.zip'));
  }

  /** Removes what no function has: left by a crash. `wanted` are the hashes by function name. */
  async removeAllBut(wanted: ReadonlyMap<string, string>): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const sha256 = wanted.get(name);
      const folder = join(this.#folder, name);
      if (sha256 === undefined) {
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      for (const entry of await readdir(folder)) {
        if (entry !== folderName(sha256)) await rm(join(folder, entry), { recursive: true, force: true });
      }
    }
  }

  async remove(functionName: string, sha256: string): Promise<void> {
    await rm(this.#path(functionName, sha256), { recursive: true, force: true });
    // Left alone when there is other code of the function.
    await rmdir(join(this.#folder, functionName)).catch(() => {});
  }

  #path(functionName: string, sha256: string): string {
    return join(this.#folder, functionName, folderName(sha256));
  }
}

function folderName(sha256: string): string {
  return Buffer.from(sha256, 'base64').toString('hex');
}

/** The same zip may be there already, and be in use: then that one stays. */
async function replace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

async function unpackInThread(task: UnpackTask): Promise<void> {
  const worker = new Worker(workerPath, { workerData: task });
  try {
    // unpack-worker.ts sends exactly one message of this type.
    const [result] = (await once(worker, 'message')) as [UnpackResult];
    const { failure } = result;
    if (failure === undefined) return;
    if (failure.name === 'ZipError') throw new InvalidZipError(failure.message);
    if (failure.name === 'UnpackedTooLargeError') throw new CodeTooLargeError(failure.message);
    throw new Error(failure.message);
  } finally {
    await worker.terminate();
  }
}
