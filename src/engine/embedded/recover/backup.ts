import { copyFile, link, open, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { makeDurableFolder, PRIVATE_FILE_MODE } from '../../../support/make-folder.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import { syncFile } from '../../../support/sync.ts';
import { DamageError } from '../errors.ts';
import { segmentKey } from '../format/entries.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import { nodeDisk } from '../node-disk.ts';
import { recover } from './recover.ts';
import { segmentPath, SEGMENTS_FOLDER } from '../read/segment-file.ts';
import { listSegments } from './inspect-segment.ts';
import { tablePath, TABLES_FOLDER } from '../format/table-file.ts';
import { presentTables } from './table-files.ts';

const COPY_BYTES = 4 << 20;
/** A removal of segments during the copy restarts it. */
const ATTEMPTS_MAX = 10;

/**
 * Makes a consistent copy of the store in `folder` as of one moment, from any process, also while a server uses it.
 * Sealed segments and table files never change, so they are hard-linked (copied when the target is another disk); the
 * newest segment is copied in its current state. The copy has everything acknowledged before the call. `target` must be
 * empty or not exist.
 */
export async function backupEngine(options: {
  readonly folder: string;
  readonly target: string;
}): Promise<{ readonly segments: number }> {
  const folder = resolve(options.folder);
  const target = resolve(options.target);
  await makeDurableFolder(join(target, SEGMENTS_FOLDER), 0o700);
  await makeDurableFolder(join(target, TABLES_FOLDER), 0o700);
  const folders = [SEGMENTS_FOLDER, TABLES_FOLDER].map((name) => join(target, name));
  const inFolders = await Promise.all(folders.map((path) => readdir(path)));
  if ((await readdir(target)).length > folders.length || inFolders.flat().length > 0) {
    throw new Error(`${target} is not empty`);
  }
  for (let attempt = 1; ; attempt++) {
    try {
      return await copyStore(folder, target);
    } catch (error) {
      if (!isSegmentGone(error) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

async function copyStore(folder: string, target: string): Promise<{ readonly segments: number }> {
  const from = nodeDisk(folder);
  const to = nodeDisk(target);
  for (const name of [SEGMENTS_FOLDER, TABLES_FOLDER]) {
    for (const left of await to.list(name)) await to.remove(`${name}/${left}`);
  }
  if ((await to.list('.')).includes('mark')) await to.remove('mark');
  const mark = await DurableWatermark.read(from);
  if (mark === undefined || mark.segment === 0) throw new Error(`${folder} has no records and no tables yet`);
  // Link first, so that the needed files survive when the server removes them.
  const names = await listSegments(from);
  const newest = Math.max(...names.map(({ number }) => number));
  for (const name of names) {
    if (name.number < newest)
      await linkOrCopy(join(folder, segmentPath(name)), join(target, segmentPath(name)));
  }
  const linked = new Set<number>();
  await linkTables(folder, target, linked);
  const path = segmentPath({ number: newest, revision: 0 });
  await copyAsItIs(join(folder, path), join(target, path));
  // Link again: the newest segment may name files that were created while it was copied.
  await linkTables(folder, target, linked);
  // Writes that were not acknowledged may or may not be in the copy, as after a crash; its watermark must not claim
  // more.
  await DurableWatermark.create(to, {
    ...mark,
    segment: newest,
    end: mark.segment === newest ? mark.end : 0,
  });
  await to.syncFolder(SEGMENTS_FOLDER);
  await to.syncFolder(TABLES_FOLDER);
  return { segments: await check(target) };
}

/** Verifies that a start on the copy finds everything it needs, and removes the rest. */
async function check(target: string): Promise<number> {
  const disk = nodeDisk(target);
  const { active, leftovers, state } = await recover(disk, { keysSinceMs: 0 });
  await active?.close();
  for (const path of leftovers) await disk.remove(path);
  return new Set([...state.live.values()].map(segmentKey)).size + 1;
}

/** Whether the server removed a segment while it was linked, or between reading the watermark and linking. */
function isSegmentGone(error: unknown): boolean {
  return hasErrorCode(error, 'ENOENT') || (error instanceof DamageError && error.isMissing);
}

async function linkTables(folder: string, target: string, linked: Set<number>): Promise<void> {
  for (const number of await presentTables(nodeDisk(folder))) {
    if (linked.has(number)) continue;
    try {
      await linkOrCopy(join(folder, tablePath(number)), join(target, tablePath(number)));
      linked.add(number);
    } catch (error) {
      // It was replaced by other files; the check of the copy finds out whether it is missed.
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    }
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) throw error;
    // The target is another disk, or has no hard links.
    await copyFile(from, to);
    await syncFile(to);
  }
}

/** Copies the file up to its current end; it keeps growing. */
async function copyAsItIs(from: string, to: string): Promise<void> {
  const source = await open(from, 'r');
  const target = await open(to, 'wx', PRIVATE_FILE_MODE);
  try {
    const { size: length } = await source.stat();
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    for (let at = 0; at < length;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(COPY_BYTES, length - at), at);
      if (bytesRead === 0) break;
      await target.write(buffer, 0, bytesRead, at);
      at += bytesRead;
    }
    await target.sync();
  } finally {
    await target.close();
    await source.close();
  }
}
