import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Disk, DiskFile } from '../../../../src/engine/embedded/disk.ts';
import { emptyDisk, openStore, tinyTables } from '../store.ts';
import { fillTables, rowsOf } from './rows.ts';

/** The most bytes of one table file that were written and not synced. */
class SyncWatch implements Disk {
  readonly #disk = emptyDisk();
  unsyncedMax = 0;
  largest = 0;

  async open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    const file = await this.#disk.open(path, mode);
    if (!path.startsWith('tables/') || mode === 'read') return file;
    let unsynced = 0;
    let written = 0;
    return {
      write: async (pieces, position) => {
        const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
        await file.write(pieces, position);
        unsynced += bytes;
        written += bytes;
        this.unsyncedMax = Math.max(this.unsyncedMax, unsynced);
        this.largest = Math.max(this.largest, written);
      },
      sync: async () => {
        await file.sync();
        unsynced = 0;
      },
      read: (into, position) => file.read(into, position),
      truncate: (length) => file.truncate(length),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  makeFolder(): Promise<void> {
    return this.#disk.makeFolder();
  }

  list(path: string): Promise<string[]> {
    return this.#disk.list(path);
  }

  rename(from: string, to: string): Promise<void> {
    return this.#disk.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return this.#disk.remove(path);
  }

  syncFolder(path: string): Promise<void> {
    return this.#disk.syncFolder(path);
  }
}

// A commit's sync waited for all that the merge beside it had written: 32 MiB.
test('a large table file is synced in pieces while it is written', async () => {
  const disk = new SyncWatch();
  const engine = await openStore(disk, { ...tinyTables, tableFileBytes: 20_000, tableLevelBytes: 1e6 });
  await fillTables(engine, 200);
  const rows = await rowsOf(engine);
  assert((rows as unknown[]).length > 100);
  await engine.close();
  assert(disk.largest > 5000, `the largest file has ${disk.largest} bytes`);
  assert(disk.unsyncedMax < 3000, `${disk.unsyncedMax} bytes were not synced`);
});
