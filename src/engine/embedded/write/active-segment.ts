import assert from 'node:assert/strict';
import { isNoSpace } from '../../../errors.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { EncodedEntries, Entry } from '../format/entries.ts';
import { encodeFooter, type Footer } from '../format/footer.ts';
import { encodeHead } from '../format/frame.ts';
import { FORMAT_VERSION } from '../format/version.ts';
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  SEGMENTS_FOLDER,
  segmentPath,
} from '../read/segment-file.ts';
import type { State } from '../state.ts';

/** The segment being written: frames are appended one at a time, and each is synced before it is acknowledged. */
export class ActiveSegment {
  readonly number: number;
  readonly path: string;
  readonly formatVersion: number;
  readonly #file: DiskFile;
  /** Where the checkpoint ends: bytes before it do not count against the segment's size. */
  readonly checkpointEnd: number;
  /** Everything before is durable, here or in the shared log; the next frame goes here. */
  end: number;
  /** A write failed: the segment is sealed up to `end`, which rewrites the doubtful page, and a new file is begun. */
  distrusted = false;

  constructor(
    number: number,
    file: DiskFile,
    place: { readonly checkpointEnd: number; readonly end: number },
    formatVersion: number = FORMAT_VERSION,
  ) {
    this.number = number;
    this.formatVersion = formatVersion;
    this.path = segmentPath({ number, revision: 0 });
    this.#file = file;
    this.checkpointEnd = place.checkpointEnd;
    this.end = place.end;
  }

  /**
   * Writes and syncs a frame; returns its place. When it throws, nothing has changed. Without `sync` the frame is durable
   * only with a later one, or with the segment: for what the shared log has already. Entries that it was given encoded
   * come `first`.
   */
  async write(
    commit: number,
    entries: readonly Entry[],
    payload: readonly Uint8Array[],
    { sync = true, first }: { readonly sync?: boolean; readonly first?: EncodedEntries } = {},
  ): Promise<{ position: number; payloadAt: number }> {
    assert(!this.distrusted, 'a commit after one whose sync failed');
    const position = this.end;
    let payloadBytes = 0;
    for (const piece of payload) payloadBytes += piece.length;
    const head = encodeHead({ segment: this.number, position, commit }, entries, payloadBytes, first);
    await this.#put([head, ...payload], sync);
    this.end = position + head.length + payloadBytes;
    return { position, payloadAt: position + head.length };
  }

  /** Resolves when everything written before is durable. */
  async sync(): Promise<void> {
    await this.#file.sync();
  }

  async #put(pieces: readonly Uint8Array[], sync: boolean): Promise<void> {
    // A failed sync may have dropped pages that the kernel still shows as written, so the file is distrusted until
    // proven otherwise.
    this.distrusted = true;
    try {
      await this.#file.write(pieces, this.end);
    } catch (error) {
      // When only space was missing, the file is intact up to its end: truncate it there and keep using it.
      if (isNoSpace(error)) await this.#file.truncate(this.end).then(() => (this.distrusted = false));
      throw error;
    }
    if (sync) await this.#file.sync();
    this.distrusted = false;
  }

  /** Best effort: a write that was reported as failed should not be there after a restart. */
  async forgetFailed(): Promise<void> {
    if (!this.distrusted) return;
    try {
      await this.#file.truncate(this.end);
      await this.#file.sync();
    } catch {
      // The disk keeps failing; the next write will try to begin a new file.
    }
  }

  /** Writes the footer. Nothing is appended after it. */
  async seal(state: State): Promise<Footer> {
    const { indexes, keys } = state.active;
    const { pieces, footer } = encodeFooter({
      number: this.number,
      framesEnd: this.end,
      indexes,
      keys: keys.toBytes(),
      newestKeyMs: keys.newestMs,
    });
    await this.#file.truncate(this.end);
    await this.#file.write(pieces, this.end);
    await this.#file.sync();
    return footer;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#file.read(into, position);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/**
 * Creates the next segment, which begins with the complete state except for rows in table files; all of it or nothing.
 */
export async function createSegment(
  disk: Disk,
  info: {
    readonly number: number;
    readonly createdMs: number;
    readonly store: Buffer;
    readonly state: State;
    /** Include the row changes that are not in a table file, so that older segments are not needed for them. */
    readonly withRows: boolean;
  },
): Promise<ActiveSegment> {
  const { number, createdMs, store, state, withRows } = info;
  const name = { number, revision: 0 };
  const path = segmentPath(name);
  const temporary = `${path}.tmp`;
  await removeIfThere(disk, temporary);
  const file = await disk.open(temporary, 'create');
  try {
    const position = SEGMENT_HEADER_BYTES;
    const head = encodeHead(
      { segment: number, position, commit: state.commit },
      checkpoint(state, number, withRows),
      0,
    );
    await file.write([encodeSegmentHeader({ ...name, createdMs, store }), head], 0);
    await file.sync();
    await disk.rename(temporary, path);
    await disk.syncFolder(SEGMENTS_FOLDER);
    const end = position + head.length;
    return new ActiveSegment(number, file, { checkpointEnd: end, end });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function removeIfThere(disk: Disk, path: string): Promise<void> {
  const name = path.slice(SEGMENTS_FOLDER.length + 1);
  if ((await disk.list(SEGMENTS_FOLDER)).includes(name)) await disk.remove(path);
}

function checkpoint(state: State, number: number, withRows: boolean): Entry[] {
  const entries: Entry[] = [
    { kind: 'segments', gone: [], came: [...state.live.values()] },
    { kind: 'numbers', nextLog: state.nextLog },
  ];
  if (state.shared !== undefined) entries.push(state.shared);
  for (const { from, until } of state.dropped) entries.push({ kind: 'drop', log: from, until });
  for (const log of state.logs.values()) {
    const { id, firstIndex, nextIndex, lastArrivalMs, sealed } = log;
    entries.push({ kind: 'log', log: id, firstIndex, nextIndex, lastArrivalMs, sealed });
  }
  entries.push(...state.rows.checkpoint(number, withRows));
  return entries;
}
