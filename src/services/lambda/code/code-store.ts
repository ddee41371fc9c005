import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DamagedDataError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import type { Log } from '../../../support/log.ts';
import { makeDurableFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';
import { syncFolder } from '../../../support/sync.ts';
import { FOLDER_PERMISSIONS } from './unpack.ts';
import { damagedFile, zipDamage } from './check-code.ts';
import type { CodeArchive } from './code-archive.ts';
import { readZip } from './zip.ts';
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
 * unpacked content. New code appears complete or not at all. With an archive, which has all zips too, the folder is a
 * cache: what is missing or damaged is taken from the archive.
 */
export class CodeStore {
  readonly #folder: string;
  readonly #log: Log;
  readonly #archive: CodeArchive | undefined;

  private constructor(folder: string, log: Log, archive: CodeArchive | undefined) {
    this.#folder = folder;
    this.#log = log;
    this.#archive = archive;
  }

  static async open(folder: string, log: Log, archive?: CodeArchive): Promise<CodeStore> {
    await makeDurableFolder(folder);
    return new CodeStore(folder, log, archive);
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
    await this.#archive?.put(functionName, sha256, zip);
    return { sha256, sizeBytes: zip.byteLength };
  }

  /** Checks a zip as `put` does, and keeps nothing of it. Throws InvalidZipError, CodeTooLargeError. */
  async examine(zip: Uint8Array): Promise<StoredCode> {
    const incoming = join(this.#folder, `.incoming-${randomUUID()}`);
    try {
      await unpackInThread({ zip, folder: incoming, bounds: BOUNDS });
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    return { sha256: createHash('sha256').update(zip).digest('base64'), sizeBytes: zip.byteLength };
  }

  /** The names in a zip. Throws DamagedDataError. */
  async names(functionName: string, sha256: string): Promise<string[]> {
    return readZip(await this.zip(functionName, sha256)).map(({ name }) => name);
  }

  /** The size of the unpacked code. Throws DamagedDataError. */
  async unzippedBytes(functionName: string, sha256: string): Promise<number> {
    const entries = readZip(await this.zip(functionName, sha256));
    return entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /** The folder of the unpacked code. */
  folder(functionName: string, sha256: string): string {
    return join(this.#path(functionName, sha256), 'code');
  }

  /** Returns the first damage found in the code, or undefined. Checks the zip before the unpacked files. */
  async damageOf(functionName: string, sha256: string): Promise<CodeDamage | undefined> {
    const folder = this.folder(functionName, sha256);
    const stored = await this.#read(functionName, sha256);
    const zip = 'problem' in stored ? ((await this.#restore(functionName, sha256)) ?? stored) : stored;
    if ('problem' in zip) return zip;
    // Unpacked before its first use.
    if (this.#archive !== undefined && !(await isThere(folder))) return undefined;
    const name = await damagedFile(zip, folder);
    return name === undefined
      ? undefined
      : { file: `code/${name}`, problem: 'it differs from the uploaded file' };
  }

  /** Returns the zip as it was uploaded. Throws DamagedDataError. */
  async zip(functionName: string, sha256: string): Promise<Buffer> {
    const zip = await this.#read(functionName, sha256);
    if (!('problem' in zip)) return zip;
    const restored = await this.#restore(functionName, sha256);
    if (restored !== undefined) return restored;
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

  /** Takes the zip from the archive, which must have it intact. */
  async #restore(functionName: string, sha256: string): Promise<Buffer | undefined> {
    const zip = await this.#archive?.read(functionName, sha256);
    if (zip === undefined || (await zipDamage(zip, sha256)) !== undefined) return undefined;
    const incoming = join(this.#folder, `.incoming-${randomUUID()}`);
    try {
      await writeFile(incoming, zip, { flush: true, mode: PRIVATE_FILE_MODE });
      await makeDurableFolder(this.#path(functionName, sha256), FOLDER_PERMISSIONS);
      await rename(incoming, join(this.#path(functionName, sha256), 'code.zip'));
      await syncFolder(this.#path(functionName, sha256));
    } finally {
      await rm(incoming, { force: true });
    }
    return zip;
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
    if (this.#archive === undefined || (await isThere(folder)))
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
  async removeAllBut(wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    await this.#archive?.removeAllBut(wanted);
    for (const name of await readdir(this.#folder)) {
      const hashes = wanted.get(name);
      const folder = join(this.#folder, name);
      if (hashes === undefined) {
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      const kept = new Set([...hashes].map(folderName));
      for (const entry of await readdir(folder)) {
        if (!kept.has(entry)) await rm(join(folder, entry), { recursive: true, force: true });
      }
    }
  }

  async remove(functionName: string, sha256: string): Promise<void> {
    await this.#archive?.remove(functionName, sha256);
    await rm(this.#path(functionName, sha256), { recursive: true, force: true });
    // Fails, as it should, when the function has other code.
    await rmdir(join(this.#folder, functionName)).catch(() => {});
  }

  #path(functionName: string, sha256: string): string {
    return join(this.#folder, functionName, folderName(sha256));
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
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
