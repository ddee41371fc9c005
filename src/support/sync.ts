import { open } from 'node:fs/promises';

/** Makes what was written to a file durable. After a failure the file must not be trusted: a later sync may succeed. */
export async function syncFile(path: string): Promise<void> {
  // Windows syncs only files that were opened for writing.
  const file = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes created, renamed and removed names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot sync a folder; its renames are journaled.
  if (process.platform !== 'win32') await syncFile(path);
}
