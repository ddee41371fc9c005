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
/** Segments can be removed during the copy; then it starts over. */
const ATTEMPTS_MAX = 10;

/**
 * A consistent copy of the store in `folder` as of one moment, also while a server runs on it, from any process:
 * sealed segments and table files never change, so they are linked (copied to another disk), and the newest segment is
 * copied as it is:
 * all that was acknowledged before the call is in the copy. `target` must be empty or not exist.
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
  if (mark === undefined || mark.segment === 0)
    throw new Error(`${folder} holds no records and no tables yet`);
  // First the links, so that what the moment needs stays even if the server lets go of it.
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
  // Once more: the newest segment may name files that came while it was copied.
  await linkTables(folder, target, linked);
  // What was begun and not acknowledged may be in it or not, as after a crash; more must not be asked of the copy.
  await DurableWatermark.create(to, {
    ...mark,
    segment: newest,
    end: mark.segment === newest ? mark.end : 0,
  });
  await to.syncFolder(SEGMENTS_FOLDER);
  await to.syncFolder(TABLES_FOLDER);
  return { segments: await check(target) };
}

/** A start on the copy must find all it needs; what it does not need is removed. */
async function check(target: string): Promise<number> {
  const disk = nodeDisk(target);
  const { active, leftovers, state } = await recover(disk, { keysSinceMs: 0 });
  await active?.close();
  for (const path of leftovers) await disk.remove(path);
  return new Set([...state.live.values()].map(segmentKey)).size + 1;
}

/** The server removed a segment while it was linked, or between our look at the mark and the link. */
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
      // It went because others have taken its place; the check of the copy tells whether it is missed.
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    }
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) throw error;
    // Another disk, or one without links.
    await copyFile(from, to);
    await syncFile(to);
  }
}

/** Up to where it ends now: it goes on growing. */
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
