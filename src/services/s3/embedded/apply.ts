import { dirname } from 'node:path';
import { writeAll } from './content.ts';
import { isMissing, systemCode, type Files } from './files.ts';
import type { Change } from './journal.ts';
import type { Layout } from './layout.ts';
import { parseMeta } from './object-meta.ts';

/** Folders may be pruned by a deletion between their making and the rename into them. */
const PLACE_ATTEMPTS = 10;

/**
 * Shows a durable change in the files: content and metadata to their places, or away. Nothing is flushed; all
 * paths that need it before the journal may forget the change are added to `touched`. Can be repeated.
 */
export async function applyChange(
  layout: Layout,
  files: Files,
  change: Change,
  touched: Set<string>,
): Promise<void> {
  const { bucket, key } = change;
  const data = layout.data(bucket, key);
  const meta = layout.meta(bucket, key);
  touch(layout, data, touched);
  touch(layout, meta, touched);
  switch (change.type) {
    case 'put':
      await place(files, layout.stagedData(change.generation), data);
      await place(files, layout.stagedMeta(change.generation), meta);
      if (change.uploadId !== undefined) {
        await files.rm(layout.upload(change.uploadId), { force: true, recursive: true });
        touched.add(layout.uploads);
      }
      return;
    case 'append':
      await place(files, layout.stagedMeta(change.generation), meta);
      return;
    case 'delete':
      await files.rm(meta, { force: true });
      await files.rm(data, { force: true });
      await prune(files, dirname(meta), layout.metaFolder(bucket));
      await prune(files, dirname(data), layout.dataFolder(bucket));
  }
}

/**
 * Brings the staged files of a change of the journal back, as they were before it was applied, whatever of it had
 * reached the disk. Only the last content of each key and what follows it may be given.
 */
export async function restage(layout: Layout, files: Files, change: Change): Promise<void> {
  if (change.type === 'delete') return;
  await writeFile(files, layout.stagedMeta(change.generation), Buffer.from(change.meta));
  if (change.type === 'put') {
    if (change.bytes !== undefined)
      await writeFile(files, layout.stagedData(change.generation), change.bytes);
    return;
  }
  const path = layout.data(change.bucket, change.key);
  const file = await files.open(path, 'r+');
  try {
    if (change.bytes !== undefined) await writeAll(file, change.bytes, change.offset);
    await file.truncate(parseMeta(Buffer.from(change.meta), path).sizeBytes);
  } finally {
    await file.close();
  }
}

export async function writeFile(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  const file = await files.open(path, 'w');
  try {
    await writeAll(file, bytes);
  } finally {
    await file.close();
  }
}

/** A file that is not at its first place any more is at its second: an earlier attempt moved it. */
async function place(files: Files, from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await files.rename(from, to);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
      if (!(await files.exists(from))) return;
      await files.mkdir(dirname(to)).catch((problem: unknown) => {
        if (systemCode(problem) !== 'ENOENT') throw problem;
      });
    }
  }
}

async function prune(files: Files, folder: string, stop: string): Promise<void> {
  for (let path = folder; path.length > stop.length; path = dirname(path)) {
    try {
      await files.rmdir(path);
    } catch (error) {
      if (isMissing(error)) continue;
      if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return;
      throw error;
    }
  }
}

function touch(layout: Layout, path: string, touched: Set<string>): void {
  for (let at = path; at.length >= layout.root.length && !touched.has(at); at = dirname(at)) touched.add(at);
}

/** Makes what was touched durable; what is gone by now needs nothing, its folder tells. */
export async function flush(files: Files, touched: Iterable<string>): Promise<void> {
  for (const path of touched) {
    try {
      await files.syncFile(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
