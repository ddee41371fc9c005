import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { explained } from '../explain.ts';

/**
 * Writes a file that has its name when it is complete; a link stays one. A pipe, a terminal or another device is written
 * as it is: a file in its place would end it for all programs. Rejects with CommandError.
 */
export async function saveFile(path: string, write: (file: Writable) => Promise<void>): Promise<void> {
  const target = await targetOf(path);
  if (target === undefined) return await saveToDevice(path, write);
  const part = `${target}.part`;
  try {
    await write(createWriteStream(part));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw explained(error, `cannot write ${path}`);
  }
}

/** The beginning of a file that was not written to its end. */
export interface Kept {
  readonly path: string;
  readonly bytes: number;
}

export interface Resumable {
  /** What the content is, in letters that a name of a file can have. */
  readonly version: string;
  /** Writes what follows `kept`, to a file opened for it. */
  write(file: Writable, kept: Kept): Promise<void>;
  /** Whether the rest can be written later. */
  isKept(error: unknown, kept: Kept): boolean;
}

/** The same for a content that can be written in several attempts: its beginning is kept, under a name of the version. */
export async function saveResumable(path: string, content: Resumable): Promise<void> {
  const target = await targetOf(path);
  if (target === undefined) {
    return await saveToDevice(path, (file) => content.write(file, { path, bytes: 0 }));
  }
  const part = `${target}.${content.version}.part`;
  try {
    const kept = { path: part, bytes: await bytesOf(part) };
    await content.write(createWriteStream(part, { flags: 'a' }), kept);
    await rename(part, target);
  } catch (error) {
    const kept = { path: part, bytes: await bytesOf(part) };
    if (kept.bytes === 0 || !content.isKept(error, kept)) await rm(part, { force: true });
    throw explained(error, `cannot write ${path}`);
  }
}

async function bytesOf(path: string): Promise<number> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? facts.size : 0;
}

/** The file itself; undefined for what is none. */
async function targetOf(path: string): Promise<string | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return path;
  return facts.isFile() ? await realpath(path) : undefined;
}

async function saveToDevice(path: string, write: (file: Writable) => Promise<void>): Promise<void> {
  await write(createWriteStream(path)).catch((error: unknown) => {
    throw explained(error, `cannot write ${path}`);
  });
}
