import { dirname } from 'node:path/posix';
import type { Clock } from '../../../support/clock.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { parseTableName, TABLES_FOLDER } from '../format/table-file.ts';
import { parseSegmentName, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { discardMark } from './copy-marker.ts';
import { writeSeededKeys } from './seeded-keys.ts';

/** A file that a copy begins with. */
export interface SeedFile {
  /** Relative to the engine's folder. */
  readonly path: string;
  readonly bytes: number;
  readonly hasRecentKeys: boolean;
  /** Whether the file, which has the right size, is this one already. */
  isSame(file: DiskFile): Promise<boolean>;
  /** Writes the content from 0 on. */
  writeTo(file: DiskFile): Promise<void>;
}

/**
 * Makes the folder of a copy have these files and no others. Files that are the same already stay, so that a seeding
 * that was interrupted is continued. Until it is complete, the folder is no store: an open of it is refused as damage.
 */
export async function seedCopy(
  disk: Disk,
  source: { readonly store: Buffer; readonly files: readonly SeedFile[]; readonly clock: Clock },
): Promise<void> {
  const { store, files, clock } = source;
  const wanted = new Map(files.map((file) => [file.path, file]));
  for (const folder of [SEGMENTS_FOLDER, TABLES_FOLDER]) await disk.makeFolder(folder);
  await discardMark(disk);
  const present = new Set<string>();
  for (const folder of [SEGMENTS_FOLDER, TABLES_FOLDER]) {
    for (const name of await disk.list(folder)) {
      const path = `${folder}/${name}`;
      const file = wanted.get(path);
      if (file !== undefined && (await isSame(disk, file))) present.add(path);
      else await disk.remove(path);
    }
  }
  for (const file of files) if (!present.has(file.path)) await write(disk, file);
  await disk.syncFolder(SEGMENTS_FOLDER);
  await disk.syncFolder(TABLES_FOLDER);
  const recent = files.filter(({ hasRecentKeys }) => hasRecentKeys);
  await writeSeededKeys(disk, { segments: recent.map(numberOf), seededMs: clock.now() });
  const { segment, end } = newestOf(files);
  await DurableWatermark.create(disk, { store, segment, end });
}

/** Whether a path is that of a file of a store, and of nothing else. */
export function isStorePath(path: string): boolean {
  const folder = dirname(path);
  const name = path.slice(folder.length + 1);
  if (folder === SEGMENTS_FOLDER) return parseSegmentName(name) !== undefined;
  return folder === TABLES_FOLDER && parseTableName(name) !== undefined;
}

/** The segment that was written when the store was captured. */
function newestOf(files: readonly SeedFile[]): { readonly segment: number; readonly end: number } {
  let newest = { segment: 0, end: 0 };
  for (const file of files) {
    const number = numberOf(file);
    if (number > newest.segment) newest = { segment: number, end: file.bytes };
  }
  return newest;
}

/** Of a segment; 0 for other files. */
function numberOf({ path }: SeedFile): number {
  return parseSegmentName(path.slice(SEGMENTS_FOLDER.length + 1))?.number ?? 0;
}

async function isSame(disk: Disk, wanted: SeedFile): Promise<boolean> {
  const file = await disk.open(wanted.path, 'write');
  try {
    if ((await file.size()) !== wanted.bytes || !(await wanted.isSame(file))) return false;
    // A process that was killed may have written it and not synced it.
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

async function write(disk: Disk, wanted: SeedFile): Promise<void> {
  const file = await disk.open(wanted.path, 'create');
  try {
    await wanted.writeTo(file);
    await file.sync();
  } finally {
    await file.close();
  }
}
