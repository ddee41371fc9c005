import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { readZip, type ZipEntry } from './zip.ts';

/** A zip may have 50 MiB: others get their turn between pieces of it. */
const HASHED_AT_ONCE_BYTES = 4 * 1024 * 1024;

/** What is wrong with a zip that was kept, whose SHA-256 (in base64) the function's row has. */
export async function zipDamage(zip: Buffer, sha256: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  for (let at = 0; at < zip.length; at += HASHED_AT_ONCE_BYTES) {
    hash.update(zip.subarray(at, at + HASHED_AT_ONCE_BYTES));
    await turn();
  }
  return hash.digest('base64') === sha256 ? undefined : 'it does not fit its SHA-256';
}

/** A file that is not what it was when it was unpacked from the zip, whose directory has the checksum of each. */
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
