import { open } from 'node:fs/promises';

/** Makes the content of a file safe from a power cut. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder (new, renamed, removed ones) safe from a power cut. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no handle of a folder to sync; its changes of names are journalled.
  if (process.platform === 'win32') return;
  await syncFile(path);
}
