/**
 * The disk as the engine sees it. Injected, so that a simulated one can lose unsynced data, tear writes, fill up, fail,
 * and crash between any two calls. Paths are relative to the engine's folder, with forward slashes. Errors are Node's
 * (`code` is 'ENOENT', 'ENOSPC', 'EIO', ...).
 */
export interface Disk {
  open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile>;
  makeFolder(path: string): Promise<void>;
  /** Lists the files of a folder, in no particular order. */
  list(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes created, renamed and removed names durable. */
  syncFolder(path: string): Promise<void>;
}

export interface DiskFile {
  /** Writes all pieces one after another, starting at `position`, or throws. Not durable before `sync`. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** Fills `into` with the bytes at `position`; returns how many there were. */
  read(into: Uint8Array, position: number): Promise<number>;
  /**
   * Makes what was written durable. When it fails, pages may be lost that a later sync reports as written: a segment is
   * never trusted again and the next commit begins a new one (write/active-segment.ts, write/journal.ts), a table file
   * is removed and written again (tables/table-writer.ts).
   */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/** Reads a small file completely. */
export async function readWhole(disk: Disk, path: string): Promise<Buffer> {
  const file = await disk.open(path, 'read');
  try {
    const bytes = Buffer.alloc(await file.size());
    const read = await file.read(bytes, 0);
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}
