import type { Disk } from '../disk.ts';
import { parseSegmentName, segmentPath, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { WATERMARK_PATH } from '../write/durable-watermark.ts';
import { copyFile } from './copy-file.ts';

/**
 * Replaces files that a previous owner had open for writing by copies, so that its pending writes end up in files
 * without a name. Its fence is closed already: everything it acknowledged is in the copies, and it acknowledges nothing
 * more.
 */
export async function replaceOpenFiles(disk: Disk): Promise<void> {
  await disk.makeFolder(SEGMENTS_FOLDER);
  const names = (await disk.list(SEGMENTS_FOLDER)).map(parseSegmentName).filter((name) => name !== undefined);
  const newest = Math.max(0, ...names.map(({ number }) => number));
  for (const name of names)
    if (name.number === newest) await copyFile(disk, segmentPath(name), segmentPath(name));
  if ((await disk.list('.')).includes(WATERMARK_PATH)) await copyFile(disk, WATERMARK_PATH, WATERMARK_PATH);
  await disk.syncFolder(SEGMENTS_FOLDER);
  await disk.syncFolder('.');
}
