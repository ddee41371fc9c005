import type { Pace } from '../../../support/pace.ts';
import type { Disk, DiskFile } from '../disk.ts';

/** A disk whose reads are paced. */
export function pacedDisk(disk: Disk, pace: Pace): Disk {
  const paced = (file: DiskFile): DiskFile => ({
    ...bound(file),
    read: async (into, position) => {
      const read = await file.read(into, position);
      await pace(read);
      return read;
    },
  });
  return {
    open: async (path, mode) => paced(await disk.open(path, mode)),
    makeFolder: (path) => disk.makeFolder(path),
    list: (path) => disk.list(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncFolder: (path) => disk.syncFolder(path),
  };
}

function bound(file: DiskFile): Omit<DiskFile, 'read'> {
  return {
    write: (pieces, position) => file.write(pieces, position),
    sync: () => file.sync(),
    truncate: (length) => file.truncate(length),
    size: () => file.size(),
    close: () => file.close(),
  };
}
