import type { Log } from '../../../support/log.ts';
import { BlockSummer, sameSums } from './block-sums.ts';
import type { ContentLog, LoggedChange } from './content-log.ts';
import { isMissing, writeAll, type Files, type OpenFile } from './files.ts';
import type { Layout } from './layout.ts';
import type { ObjectIndex } from './object-index.ts';
import type { ObjectMeta } from './object-meta.ts';
import type { ObjectName, Placing } from './placing.ts';
import { DamagedContentError } from './stored-content.ts';

/** The log's changes of one content, in order. */
type Pieces = readonly LoggedChange[];

/**
 * The pieces with bytes after the last one without: a piece without bytes means that the file was synced up to it
 * before its commit.
 */
function unsyncedPieces(pieces: Pieces): Pieces {
  return pieces.slice(pieces.findLastIndex(({ bytes }) => bytes === undefined) + 1);
}

/** Whether the content was staged in a separate file: that file may still be there, or in its place. */
function wasStaged(pieces: Pieces): boolean {
  return pieces.some(({ change, bytes }) => change.type === 'put' && bytes === undefined);
}

const offsetOf = ({ change }: LoggedChange): number => (change.type === 'append' ? change.offset : 0);

/**
 * At startup: brings the files in line with the rows, using the content log, and syncs them; then the log is trimmed.
 * Can be repeated. A file that cannot be restored is reported, and the start continues.
 */
export async function restoreFiles(parts: {
  readonly layout: Layout;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly contents: ContentLog;
  readonly placing: Placing;
  readonly log: Log;
}): Promise<void> {
  const { layout, files, index, contents, placing, log } = parts;
  const end = contents.next;
  const perContent = new Map<string, LoggedChange[]>();
  for await (const logged of contents.read()) {
    const { content } = logged.change;
    const pieces = perContent.get(content);
    if (pieces === undefined) perContent.set(content, [logged]);
    else pieces.push(logged);
  }
  const changed = new Map<string, ObjectName>();
  for (const pieces of perContent.values()) {
    const [first] = pieces;
    if (first === undefined) continue;
    const { bucket, key, content } = first.change;
    const meta = await index.get(bucket, key);
    try {
      if (meta === undefined) await placing.remove({ bucket, key });
      else if (meta.content === content) await restoreFile(parts, { bucket, meta, pieces });
      else continue;
    } catch (error) {
      if (!isMissing(error)) throw error;
      log.error({ err: error, bucket, key }, "an object's file is missing");
    }
    changed.set(layout.data(bucket, key), { bucket, key });
  }
  for (const path of changed.keys()) {
    await files.syncFile(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
  await placing.sync(changed.values());
  await contents.trim(end);
}

interface Restorable {
  readonly bucket: string;
  readonly meta: ObjectMeta;
  readonly pieces: Pieces;
}

/** Writes in place when the file has everything before the pieces. */
async function restoreFile(
  { layout, files, placing }: { readonly layout: Layout; readonly files: Files; readonly placing: Placing },
  { bucket, meta, pieces }: Restorable,
): Promise<void> {
  const object = { bucket, key: meta.key };
  const path = layout.data(bucket, meta.key);
  const staged = layout.staged(meta.content);
  const unsynced = unsyncedPieces(pieces);
  if (wasStaged(pieces) && (await files.exists(staged))) {
    await placing.place(staged, object, { isLogged: false });
  }
  const [first] = unsynced;
  const isWhole = first?.change.type === 'put';
  const file = await files.open(isWhole ? staged : path, isWhole ? 'w' : 'r+');
  try {
    for (const piece of unsynced) {
      if (piece.bytes !== undefined) await writeAll(file, piece.bytes, offsetOf(piece));
    }
    // The file may end with bytes of an append that was never committed.
    if ((await file.stat()).size > meta.sizeBytes) await file.truncate(meta.sizeBytes);
  } finally {
    await file.close();
  }
  if (isWhole) await placing.place(staged, object, { isLogged: true });
}

/**
 * After a failed sync: rewrites the content to a new file, synced and verified against the object's sums, from what is
 * durable on disk and in the log. Returns the path of that file.
 */
export async function remakeFile(
  parts: { readonly layout: Layout; readonly files: Files; readonly index: ObjectIndex },
  { bucket, meta, pieces }: Restorable,
  target: string,
): Promise<void> {
  const { layout, files, index } = parts;
  const unsynced = unsyncedPieces(pieces);
  const [first] = unsynced;
  const baseBytes = first === undefined ? meta.sizeBytes : offsetOf(first);
  const summer = new BlockSummer();
  const file = await files.open(target, 'w');
  try {
    if (baseBytes > 0) {
      const staged = layout.staged(meta.content);
      const isStaged = wasStaged(pieces) && (await files.exists(staged));
      const source = await files.open(isStaged ? staged : layout.data(bucket, meta.key), 'r');
      try {
        await copyBytes(source, file, baseBytes, summer);
      } finally {
        await source.close();
      }
    }
    for (const { bytes } of unsynced) {
      if (bytes === undefined) continue;
      summer.update(bytes);
      await writeAll(file, bytes);
    }
    const wanted = await index.storedSums(meta);
    if (wanted !== undefined && !sameSums(summer.finish(), wanted)) {
      throw new DamagedContentError('its remaining content does not match its checksums');
    }
    await file.datasync();
  } finally {
    await file.close();
  }
}

const COPY_BYTES = 1024 * 1024;

async function copyBytes(from: OpenFile, to: OpenFile, length: number, summer: BlockSummer): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, length));
  for (let done = 0; done < length;) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, length - done), done);
    if (bytesRead === 0) throw new DamagedContentError(`it ends at byte ${done}`);
    summer.update(buffer.subarray(0, bytesRead));
    await writeAll(to, buffer.subarray(0, bytesRead));
    done += bytesRead;
  }
}
