import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { readZip, type ZipEntry } from './zip.ts';

/** A zip may have 50 MiB, so it is hashed in pieces: other work runs between them. */
const HASHED_AT_ONCE_BYTES = 4 * 1024 * 1024;

/**
 * Compares a stored zip with the SHA-256 (base64) in the function's row. Returns what is wrong; undefined when it is
 * intact.
 */
export async function zipDamage(zip: Buffer, sha256: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  for (let at = 0; at < zip.length; at += HASHED_AT_ONCE_BYTES) {
    hash.update(zip.subarray(at, at + HASHED_AT_ONCE_BYTES));
    await turn();
  }
  return hash.digest('base64') === sha256 ? undefined : 'its SHA-256 does not match';
}

/**
 * Returns the name of an unpacked file that differs from its entry in the zip, whose directory has each file's
 * checksum.
 */
export async function damagedFile(zip: Buffer, folder: string): Promise<string | undefined> {
  // A name that comes twice is what comes last, as it was when it was unpacked.
  const entries = new Map(readZip(zip).map((entry) => [entry.name, entry]));
  for (const entry of entries.values()) {
    if (!(await isIntact(entry, join(folder, entry.name)))) return entry.name;
  }
  return undefined;
}

async function isIntact(entry: ZipEntry, path: string): Promise<boolean> {
  try {
    if (entry.kind === 'folder') return true;
    if (entry.kind === 'symlink') return (await readlink(path)) === entry.content().toString();
    return crc32(await readFile(path)) === entry.checksum;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
