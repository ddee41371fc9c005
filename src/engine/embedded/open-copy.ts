import type { PinnedDisk } from './pinned-disk.ts';
import { checkMarker, discardCopy, hasMark } from './recover/copy-marker.ts';
import { DamageError } from './errors.ts';
import type { Disk } from './disk.ts';
import type { SharedEntry } from './format/entries.ts';
import { diskOf, openStore, type CopySharing, type EmbeddedEngineOptions, type EngineCopy } from './open.ts';

/** From where a copy comes that does not begin with the first frame of the shared log. */
export interface Seeding {
  /**
   * Returns how to fill the folder instead of what it has up to `place`; undefined to keep that. Called again after each
   * filling, whatever has come of it.
   */
  choose(place: SharedEntry | undefined): Promise<((disk: Disk) => Promise<void>) | undefined>;
}

/**
 * Opens the copy of a shared log in a folder, or begins one. A damaged copy is discarded: the caller fills it again from
 * the shared log. Throws FormatVersionError, WrongStoreError, and what `seeding` throws.
 */
export async function openEngineCopy(
  options: EmbeddedEngineOptions,
  sharing: CopySharing,
  seeding?: Seeding,
): Promise<EngineCopy> {
  const disk = await diskOf(options);
  await checkMarker(disk, true);
  let copy = (await hasMark(disk)) ? await openWhole(disk, options, sharing) : undefined;
  try {
    for (;;) {
      const fill = await seeding?.choose(copy?.replica.place);
      if (fill === undefined) break;
      await copy?.engine.close();
      copy = undefined;
      await fill(disk);
      copy = (await hasMark(disk)) ? await openWhole(disk, options, sharing) : undefined;
    }
  } catch (error) {
    await copy?.engine.close();
    throw error;
  }
  if (copy !== undefined) return copy;
  // What an interrupted seeding has left.
  await discardCopy(disk);
  return await openStore(disk, options, sharing);
}

async function openWhole(
  disk: PinnedDisk,
  options: EmbeddedEngineOptions,
  sharing: CopySharing,
): Promise<EngineCopy> {
  try {
    return await openStore(disk, options, sharing);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    options.log.warn({ err: error }, 'the copy of the shared log is damaged: it is built again');
    await discardCopy(disk);
    return await openStore(disk, options, sharing);
  }
}
