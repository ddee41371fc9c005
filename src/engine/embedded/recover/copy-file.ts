import { basename, dirname } from 'node:path/posix';

import type { Disk } from '../disk.ts';

const COPY_BYTES = 4 << 20;

/** Copies a file, replacing an existing one. Its content is durable when this resolves; its name is not. */
export async function copyFile(disk: Disk, path: string, target: string): Promise<void> {
  const temporary = `${target}.tmp`;
  if ((await disk.list(dirname(target))).includes(basename(temporary))) await disk.remove(temporary);
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
  await disk.rename(temporary, target);
}
