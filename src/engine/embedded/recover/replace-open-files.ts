import { basename, dirname } from 'node:path/posix';

import type { Disk } from '../disk.ts';
import { parseSegmentName, segmentPath, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { WATERMARK_PATH } from '../write/durable-watermark.ts';

const COPY_BYTES = 4 << 20;

/**
 * Puts copies in place of the files that an owner before had open for writing. A write of it that is under way then
 * ends in a file without a name. Its fence was closed before: what it acknowledged is in the copies, and it
 * acknowledges nothing that is not.
 */
export async function replaceOpenFiles(disk: Disk): Promise<void> {
  await disk.makeFolder(SEGMENTS_FOLDER);
  const names = (await disk.list(SEGMENTS_FOLDER)).map(parseSegmentName).filter((name) => name !== undefined);
  const newest = Math.max(0, ...names.map(({ number }) => number));
  for (const name of names) if (name.number === newest) await replaceByCopy(disk, segmentPath(name));
  if ((await disk.list('.')).includes(WATERMARK_PATH)) await replaceByCopy(disk, WATERMARK_PATH);
  await disk.syncFolder(SEGMENTS_FOLDER);
  await disk.syncFolder('.');
}

async function replaceByCopy(disk: Disk, path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  if ((await disk.list(dirname(path))).includes(basename(temporary))) await disk.remove(temporary);
  const from = await disk.open(path, 'read');
  try {
    const to = await disk.open(temporary, 'create');
    try {
      const buffer = Buffer.allocUnsafe(COPY_BYTES);
      for (let at = 0, read = 0; (read = await from.read(buffer, at)) > 0; at += read) {
        await to.write([buffer.subarray(0, read)], at);
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await disk.rename(temporary, path);
}
