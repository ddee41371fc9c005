import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DamagedDataError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import type { Log } from '../../../support/log.ts';
import { makeDurableFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';
import { syncFolder } from '../../../support/sync.ts';
import { FOLDER_PERMISSIONS } from './unpack.ts';
import { damagedFile, zipDamage } from './check-code.ts';
import type { UnpackResult, UnpackTask } from './unpack-worker.ts';

/** An uploaded zip, identified by its content. */
export interface StoredCode {
  /** In base64, as Lambda reports it. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Damage to the code of one version of a function. */
export interface CodeDamage {
  /** Path relative to the version's folder. */
  readonly file: string;
  readonly problem: string;
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

const BOUNDS = { bytesMax: lambdaLimits.codeUnzippedBytesMax, filesMax: lambdaLimits.codeFilesMax };

/**
 * The code of functions on disk. `<function>/<sha256 of the zip>/` holds `code.zip`, as uploaded, and `code/`, its
 * unpacked content. A folder appears complete or not at all.
 */
export class CodeStore {
  readonly #folder: string;
  readonly #log: Log;

  private constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  static async open(folder: string, log: Log): Promise<CodeStore> {
    await makeDurableFolder(folder);
    return new CodeStore(folder, log);
  }

  /** Resolves when the code is durable. Throws InvalidZipError, CodeTooLargeError. */
  async put(functionName: string, zip: Uint8Array): Promise<StoredCode> {
    const sha256 = createHash('sha256').update(zip).digest('base64');
    const target = this.#path(functionName, sha256);
    const incoming = join(this.#folder, `.incoming-${randomUUID()}`);
    try {
      await unpackInThread({
        zip,
        folder: join(incoming, 'code'),
        bounds: BOUNDS,
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

  /** The folder of the unpacked code. */
  folder(functionName: string, sha256: string): string {
    return join(this.#path(functionName, sha256), 'code');
  }

  /** Returns the first damage found in the code, or undefined. Checks the zip before the unpacked files. */
  async damageOf(functionName: string, sha256: string): Promise<CodeDamage | undefined> {
    const zip = await this.#read(functionName, sha256);
    if ('problem' in zip) return zip;
    const name = await damagedFile(zip, this.folder(functionName, sha256));
    return name === undefined
      ? undefined
      : { file: `code/${name}`, problem: 'it differs from the uploaded file' };
  }

  /** Returns the zip as it was uploaded. Throws DamagedDataError. */
  async zip(functionName: string, sha256: string): Promise<Buffer> {
    const zip = await this.#read(functionName, sha256);
    if (!('problem' in zip)) return zip;
    this.#log.error({ functionName, ...zip }, 'the code of a function is damaged; the function is not run');
    throw new DamagedDataError(
      `the code of the function ${functionName} is damaged on disk; upload it again`,
    );
  }

  async #read(functionName: string, sha256: string): Promise<Buffer | CodeDamage> {
    const file = 'code.zip';
    try {
      const zip = await readFile(join(this.#path(functionName, sha256), file));
      const problem = await zipDamage(zip, sha256);
      return problem === undefined ? zip : { file, problem };
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (isMissing) return { file, problem: 'the file is missing' };
      throw error;
    }
  }

  /**
   * Verifies the unpacked code before it is executed, and unpacks damaged files again. No process of this version may
   * be running. Throws DamagedDataError when the zip is damaged as well.
   */
  async check(functionName: string, sha256: string): Promise<void> {
    const zip = await this.zip(functionName, sha256);
    const folder = this.folder(functionName, sha256);
    const damage = await damagedFile(zip, folder);
    if (damage === undefined) return;
    this.#log.error({ functionName, damage }, 'the code of a function was damaged; unpacked it again');
    const fresh = join(this.#folder, `.incoming-${randomUUID()}`);
    try {
      await unpackInThread({ zip, folder: fresh, bounds: BOUNDS });
      await rm(folder, { recursive: true, force: true });
      await rename(fresh, folder);
      await syncFolder(this.#path(functionName, sha256));
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Removes code that no function uses, left behind by a crash. `wanted` maps function names to hashes. */
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
    // Fails, as it should, when the function has other code.
    await rmdir(join(this.#folder, functionName)).catch(() => {});
  }

  #path(functionName: string, sha256: string): string {
    return join(this.#folder, functionName, folderName(sha256));
  }
}

function folderName(sha256: string): string {
  return Buffer.from(sha256, 'base64').toString('hex');
}

/** The same zip may exist already and be in use: then the existing folder is kept. */
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
