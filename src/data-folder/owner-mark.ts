import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { hasErrorCode } from '../support/errno.ts';
import type { Fence } from '../support/fence.ts';
import { FolderLostError } from './errors.ts';
import { LOCK_FOLDER } from './folder-lock.ts';

/** The owner of the folder: `lock/owner`, JSON. */
export interface Owner {
  /** Chosen at random by each owner. */
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  /** Identifies the running kernel since its boot (Linux). */
  readonly bootId?: string;
  readonly since: string;
  /** The owner closed all its files and ended: nothing of it can still write. */
  readonly hasStopped: boolean;
}

const NAME = 'owner';

/**
 * The owner mark is a file that each new owner replaces. The owner keeps it open: when the open file has no name any
 * more, another owner has replaced it, or the folder was removed. This system call reads no disk, so every sync can
 * make it.
 */
export class OwnerMark implements Fence {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #owner: Owner;
  #lost: FolderLostError | undefined;

  private constructor(folder: string, file: FileHandle, owner: Owner) {
    this.#folder = folder;
    this.#file = file;
    this.#owner = owner;
  }

  /** From here on, no previous owner acknowledges anything. */
  static async write(folder: string): Promise<OwnerMark> {
    const bootId = await bootIdOfKernel();
    const owner: Owner = {
      id: randomUUID(),
      pid: process.pid,
      host: hostname(),
      ...(bootId === undefined ? {} : { bootId }),
      since: new Date().toISOString(),
      hasStopped: false,
    };
    const path = join(folder, LOCK_FOLDER, NAME);
    const temporary = `${path}-${owner.id}`;
    const file = await open(temporary, 'wx', 0o600);
    const mark = new OwnerMark(folder, file, owner);
    try {
      await mark.#put(owner);
      await rename(temporary, path);
      await removeUnfinished(folder);
    } catch (error) {
      await file.close();
      throw error;
    }
    return mark;
  }

  check(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (fs.fstatSync(this.#file.fd).nlink === 0) throw this.#loseFolder();
  }

  /** Like `check`, but also reads the file, for file systems that report a replaced file late. */
  async checkContent(): Promise<void> {
    this.check();
    const found = await readOwner(this.#folder);
    if (found === undefined || found.id !== this.#owner.id) throw this.#loseFolder(found);
  }

  /** Call it after the last write to the folder. */
  async release(): Promise<void> {
    try {
      // Writes to this owner's own file, even if another process owns the folder by now.
      await this.#put({ ...this.#owner, hasStopped: true });
    } finally {
      await this.#file.close();
    }
  }

  async #put(owner: Owner): Promise<void> {
    const text = Buffer.from(`${JSON.stringify(owner)}\n`);
    await this.#file.write(text, 0, text.length, 0);
    await this.#file.truncate(text.length);
  }

  #loseFolder(found = readOwnerNow(this.#folder)): FolderLostError {
    const reason =
      found === undefined ? 'its owner mark was removed' : `${describeOwner(found)} took it over`;
    this.#lost = new FolderLostError(
      `the data folder ${this.#folder} no longer belongs to this process: ${reason}. ` +
        'The server acknowledges nothing more and stops',
    );
    return this.#lost;
  }
}

/** Removes marks with temporary names that a killed start left. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(join(folder, LOCK_FOLDER))) {
    if (name.startsWith(`${NAME}-`)) await rm(join(folder, LOCK_FOLDER, name), { force: true });
  }
}

/** Returns undefined when there is no mark, or a damaged one. */
export async function readOwner(folder: string): Promise<Owner | undefined> {
  return parseOwner(await readFile(join(folder, LOCK_FOLDER, NAME), 'utf8').catch(absent));
}

function readOwnerNow(folder: string): Owner | undefined {
  try {
    return parseOwner(fs.readFileSync(join(folder, LOCK_FOLDER, NAME), 'utf8'));
  } catch {
    return undefined;
  }
}

function absent(error: unknown): undefined {
  if (!hasErrorCode(error, 'ENOENT')) throw error;
}

function parseOwner(text: string | undefined): Owner | undefined {
  try {
    // nagare's own file; a torn one is not valid JSON.
    return text === undefined ? undefined : (JSON.parse(text) as Owner);
  } catch {
    return undefined;
  }
}

export function describeOwner({ pid, host, since }: Owner): string {
  return `process ${pid} on ${host}, since ${since}`;
}

/** Changes with each boot of the kernel; the same in all containers on it. */
export async function bootIdOfKernel(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  return await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
