import { UserError } from '../../../errors.ts';
import type { Disk } from '../disk.ts';
import { TABLES_FOLDER } from '../format/table-file.ts';
import { SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { removeSeededKeys } from './seeded-keys.ts';
import { WATERMARK_PATH } from '../write/durable-watermark.ts';

/** Tells a copy of a shared log, which can be built again from it, from the only place of some data. */
const MARKER_PATH = 'copy';
/** Tells a store that is no copy any more, and not yet a store of its own. */
const LEAVING_PATH = 'leaving';
const LEAVING = 'This folder is being made a store of its own. Until that is done it cannot be used.\n';
const CONTENT =
  'This folder is a copy of a shared log. `nagare start --shared-log` builds it again when it is removed.\n';

/**
 * Checks that the folder is what it is opened as, and marks an empty one as a copy. Throws WrongStoreError: a store that
 * is no copy is never replaced by one, and a copy takes no changes that the shared log does not have.
 */
export async function checkMarker(disk: Disk, isCopy: boolean): Promise<void> {
  const names = await disk.list('.');
  if (names.includes(LEAVING_PATH)) {
    throw new WrongStoreError(
      'an export into this data folder was not completed: remove the folder, and run `nagare cluster export` again',
    );
  }
  const isMarked = names.includes(MARKER_PATH);
  if (isMarked === isCopy) return;
  if (!isCopy) {
    throw new WrongStoreError(
      'the data folder is a copy of a shared log: give the same --shared-log as before, or another data folder',
    );
  }
  if (names.includes(WATERMARK_PATH)) {
    throw new WrongStoreError(
      'the data folder has data of a single machine: start without --shared-log, or with another data folder',
    );
  }
  await writeMarker(disk, MARKER_PATH, CONTENT);
}

/** The folder is a copy no more; nobody uses it until `endLeaving`. */
export async function beginLeaving(disk: Disk): Promise<void> {
  await checkMarker(disk, true);
  await writeMarker(disk, LEAVING_PATH, LEAVING);
  await disk.remove(MARKER_PATH);
  await disk.syncFolder('.');
}

/** The folder is a store of its own. */
export async function endLeaving(disk: Disk): Promise<void> {
  await disk.remove(LEAVING_PATH);
  await disk.syncFolder('.');
}

async function writeMarker(disk: Disk, path: string, content: string): Promise<void> {
  const file = await disk.open(path, 'create');
  try {
    await file.write([Buffer.from(content)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.syncFolder('.');
}

/** Removes all but the marker, so that the copy is built again. Can be repeated when it was interrupted. */
export async function discardCopy(disk: Disk): Promise<void> {
  for (const folder of [SEGMENTS_FOLDER, TABLES_FOLDER]) {
    await disk.makeFolder(folder);
    for (const name of await disk.list(folder)) await disk.remove(`${folder}/${name}`);
    await disk.syncFolder(folder);
  }
  await removeSeededKeys(disk);
  await discardMark(disk);
}

/** Makes the copy a store of its own, which no shared log builds again. */
export async function endCopy(disk: Disk): Promise<void> {
  await removeSeededKeys(disk);
  if ((await disk.list('.')).includes(MARKER_PATH)) await disk.remove(MARKER_PATH);
  await disk.syncFolder('.');
}

/** Whether the folder is a store, damaged or not. */
export async function hasMark(disk: Disk): Promise<boolean> {
  return (await disk.list('.')).includes(WATERMARK_PATH);
}

/** Removes the watermark: with files, and without it, the folder is not a store. */
export async function discardMark(disk: Disk): Promise<void> {
  for (const name of await disk.list('.')) {
    if (name === WATERMARK_PATH || name === `${WATERMARK_PATH}.tmp`) await disk.remove(name);
  }
  await disk.syncFolder('.');
}

export class WrongStoreError extends UserError {
  override readonly name = 'WrongStoreError';
}
