import type { Disk } from '../disk.ts';
import { FORMAT_VERSION } from '../format/version.ts';
import { SEGMENTS_FOLDER, segmentPath } from '../read/segment-file.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { listSegments } from './inspect-segment.ts';

export interface Upgrade {
  readonly from: number;
  /** Folder of the copy, below the store's. */
  readonly copy: string;
  /** Marks the store as one of this format: from then on an older nagare refuses it. */
  finish(): Promise<void>;
}

const COPY_BYTES = 4 << 20;

/**
 * Prepares the upgrade of a store of an older format; undefined when it has this one already, or is empty. Copies the
 * files that an upgraded store changes: the mark, and the newest segment, which is sealed. The other segments are never
 * changed. The caller calls `finish` once the store was recovered, before anything is written to it; the next frame
 * then begins a segment of this format.
 */
export async function beginUpgrade(disk: Disk): Promise<Upgrade | undefined> {
  const mark = await DurableWatermark.read(disk);
  if (mark === undefined || mark.formatVersion === FORMAT_VERSION) return undefined;
  const copy = `before-upgrade-${mark.formatVersion}`;
  await disk.makeFolder(copy);
  // Copied last: where it is there, an earlier start has made the copy whole.
  if (!(await disk.list(copy)).includes('mark')) {
    const newest = (await listSegments(disk)).at(-1);
    if (newest !== undefined) await copyInto(disk, segmentPath(newest), copy);
    await disk.syncFolder(copy);
    await copyInto(disk, 'mark', copy);
    await disk.syncFolder(copy);
    await disk.syncFolder('.');
  }
  return { from: mark.formatVersion, copy, finish: () => DurableWatermark.create(disk, mark) };
}

/** Durable, under its final name, when it resolves. */
async function copyInto(disk: Disk, path: string, folder: string): Promise<void> {
  const name = path.replace(`${SEGMENTS_FOLDER}/`, '');
  const target = `${folder}/${name}`;
  const temporary = `${target}.tmp`;
  if ((await disk.list(folder)).includes(`${name}.tmp`)) await disk.remove(temporary);
  const from = await disk.open(path, 'read');
  try {
    const to = await disk.open(temporary, 'create');
    try {
      const size = await from.size();
      for (let at = 0; at < size; at += COPY_BYTES) {
        const bytes = Buffer.allocUnsafe(Math.min(COPY_BYTES, size - at));
        const read = await from.read(bytes, at);
        await to.write([bytes.subarray(0, read)], at);
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await disk.rename(temporary, target);
}
