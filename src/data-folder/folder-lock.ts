import { createHash, randomBytes } from 'node:crypto';
import { chmod, link, open, readdir, realpath, unlink, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

import { hasErrorCode } from '../support/errno.ts';
import { makeDurableFolder } from '../support/make-folder.ts';

/** Folder below the data folder with the sockets of the lock and the owner mark. Never copied by a backup. */
export const LOCK_FOLDER = 'lock';

export interface FolderLock {
  /**
   * Whether a previous owner left a socket without a listener. On the same kernel it proves that this owner has ended.
   */
  readonly foundDeadSocket: boolean;
  /** Releases the folder. */
  release(): Promise<void>;
}

const SOCKET_NAME = /^(\d{12})\.socket$/;
const STARTING_NAME = /^starting-[0-9a-f]{16}$/;

/**
 * Locks a folder by a Unix socket in it, so that the lock holds however the folder is reached: through another mount,
 * container, or network namespace. The kernel stops listening when the process ends, in whatever way, and keeps
 * answering for a suspended process. Returns undefined when another process holds the folder.
 * The sockets are numbered, and the process that listens on the highest number is the owner:
 * - A socket listens before it gets its number, by a hard link. One that does not listen is dead for good.
 * - Only a process that finds the highest number dead takes the next one. The link fails when another process was
 * faster.
 * - The highest number is never removed, not even by its owner at the end, so numbers never repeat. A slow process may
 * link a number that was removed meanwhile; it then sees a higher one and gives up its own.
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  if (process.platform === 'win32') return await lockByPipe(folder);
  const path = join(folder, LOCK_FOLDER);
  // Identifies a data folder: durable before there is anything else in it that a power cut may leave.
  await makeDurableFolder(path);
  const handle = await open(path, 'r');
  try {
    return await new NumberedSockets(path, handle).acquire();
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class NumberedSockets {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async acquire(): Promise<FolderLock | undefined> {
    const name = `starting-${randomBytes(8).toString('hex')}`;
    const server = await listen(this.#address(name));
    const close = async (): Promise<void> => {
      await closeServer(server);
      await this.#handle.close();
    };
    try {
      await chmod(join(this.#path, name), 0o600);
      const found = await this.#takeNumber(name);
      await removeIfThere(join(this.#path, name));
      if (found === undefined) await close();
      return found && { ...found, release: close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  /**
   * Returns undefined when another process holds the folder. Terminates: each further round means that another process
   * made progress.
   */
  async #takeNumber(name: string): Promise<{ readonly foundDeadSocket: boolean } | undefined> {
    for (;;) {
      const newest = await this.#newest();
      if (newest > 0 && (await answers(this.#address(socketName(newest))))) return undefined;
      const mine = newest + 1;
      const outcome = await tryLink(join(this.#path, name), join(this.#path, socketName(mine)));
      if (outcome === 'cleared away') return undefined;
      if (outcome === 'taken') continue;
      // The kernel lists a folder of this size in one step, so no change is half visible.
      if ((await this.#newest()) > mine) {
        await removeIfThere(join(this.#path, socketName(mine)));
        continue;
      }
      await this.#removeOthers(mine);
      return { foundDeadSocket: newest > 0 };
    }
  }

  async #newest(): Promise<number> {
    const numbers = (await readdir(this.#path)).map((name) => Number(SOCKET_NAME.exec(name)?.[1] ?? 0));
    return Math.max(0, ...numbers);
  }

  /** Removes the sockets of previous owners and of processes that were killed while starting. */
  async #removeOthers(mine: number): Promise<void> {
    for (const name of await readdir(this.#path)) {
      const number = Number(SOCKET_NAME.exec(name)?.[1] ?? 0);
      const isOld = number > 0 && number < mine;
      const isAbandoned = STARTING_NAME.test(name) && !(await answers(this.#address(name)));
      if (isOld || isAbandoned) await removeIfThere(join(this.#path, name));
    }
  }

  /** A socket's address is limited to about a hundred bytes, and a path may be longer: Linux offers a short form. */
  #address(name: string): string {
    return process.platform === 'linux' ? `/proc/self/fd/${this.#handle.fd}/${name}` : join(this.#path, name);
  }
}

function socketName(number: number): string {
  return `${String(number).padStart(12, '0')}.socket`;
}

/** A new owner removes the sockets of failed starts, and may mistake one that has just begun for abandoned. */
async function tryLink(from: string, to: string): Promise<'linked' | 'taken' | 'cleared away'> {
  try {
    await link(from, to);
    return 'linked';
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return 'taken';
    if (hasErrorCode(error, 'ENOENT')) return 'cleared away';
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}

async function listen(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  // The lock must not keep the process alive.
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path }, resolve);
  });
  return server;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/**
 * Whether a process listens on the socket, even if it is suspended or too busy to accept. Only a refused connection or
 * a missing socket means that there is none: on any other failure a living owner keeps its folder.
 */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => resolve(!hasErrorCode(error, 'ECONNREFUSED', 'ENOENT')));
  });
}

/** Windows has named pipes instead of socket files; they belong to the whole machine. */
async function lockByPipe(folder: string): Promise<FolderLock | undefined> {
  const id = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  try {
    const server = await listen(`\\\\.\\pipe\\nagare-${id}`);
    return { foundDeadSocket: true, release: () => closeServer(server) };
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
}
