import assert from 'node:assert/strict';
import { basename } from 'node:path/posix';

import type { Disk } from '../disk.ts';
import { FORMAT_VERSION } from '../format/version.ts';
import { segmentPath } from '../read/segment-file.ts';
import { DurableWatermark, WATERMARK_PATH } from '../write/durable-watermark.ts';
import { copyFile } from './copy-file.ts';
import { listSegments } from './inspect-segment.ts';

export interface Upgrade {
  readonly from: number;
  /** Folder of the copy, relative to the store's. */
  readonly copy: string;
  /** Marks the store with the current format: from then on an older nagare refuses it. */
  finish(): Promise<void>;
}

/**
 * Prepares the upgrade of a store of an older format; undefined when the store is empty or current. Copies the files
 * that an upgraded store changes: the watermark and the newest segment, which is sealed. Other segments never change.
 * The caller calls `finish` after recovery, before anything is written; the next frame then begins a segment of the
 * current format.
 */
export async function beginUpgrade(disk: Disk): Promise<Upgrade | undefined> {
  const mark = await DurableWatermark.read(disk);
  if (mark === undefined || mark.formatVersion === FORMAT_VERSION) return undefined;
  assert(
    mark.formatVersion < FORMAT_VERSION,
    'a store of a later format is refused when its watermark is read',
  );
  const copy = `before-upgrade-${mark.formatVersion}`;
  await disk.makeFolder(copy);
  // The watermark is copied last: when the copy has it, an earlier start completed the copy.
  if (!(await disk.list(copy)).includes(WATERMARK_PATH)) {
    const newest = (await listSegments(disk)).at(-1);
    if (newest !== undefined) await copyFile(disk, segmentPath(newest), copyPath(copy, segmentPath(newest)));
    await disk.syncFolder(copy);
    await copyFile(disk, WATERMARK_PATH, copyPath(copy, WATERMARK_PATH));
  }
  await disk.syncFolder(copy);
  await disk.syncFolder('.');
  return { from: mark.formatVersion, copy, finish: () => DurableWatermark.create(disk, mark) };
}

function copyPath(folder: string, path: string): string {
  return `${folder}/${basename(path)}`;
}
