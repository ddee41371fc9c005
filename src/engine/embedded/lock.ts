import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unlink } from 'node:fs/promises';

import { isErrno } from './disk.ts';
import { FolderInUseError } from './errors.ts';

/**
 * Holds the folder by listening on a name derived from it. The kernel frees the name when the process ends,
 * however it ends, so that no stale lock can outlive a kill -9; a file with a process id could (ids are reused).
 * Linux: an abstract socket, which has no file. Elsewhere: a socket file (or pipe) outside the folder, taken
 * over when nobody answers on it.
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const id = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32);
  const path = lockPath(id);
  const server = await listen(path, folder, true);
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function lockPath(id: string): string {
  if (process.platform === 'linux') return `\0nagare-${id}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\nagare-${id}`;
  return join(tmpdir(), `nagare-${id}.lock`);
}

async function listen(path: string, folder: string, mayTakeOver: boolean): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  // The lock must not keep a process alive that has nothing else to do.
  server.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path }, resolve);
    });
    return server;
  } catch (error) {
    if (!isErrno(error, 'EADDRINUSE')) throw error;
    const isFile = process.platform !== 'linux' && process.platform !== 'win32';
    if (!isFile || !mayTakeOver || (await answers(path))) throw new FolderInUseError(folder);
    await unlink(path);
    return listen(path, folder, false);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
