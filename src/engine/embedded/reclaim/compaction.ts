import assert from 'node:assert/strict';
import type { LogId } from '../../engine.ts';
import { ChunkIndex } from '../format/chunk-index.ts';
import type { Disk, DiskFile } from '../disk.ts';
import type { ChunkEntry, SegmentName } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { encodeFooter, readFooter, type Footer } from '../format/footer.ts';
import { encodeHead } from '../format/frame.ts';
import { chunksOf, scanFrames, type ScannedFrame } from '../recover/scan.ts';
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  SEGMENTS_FOLDER,
  segmentPath,
} from '../read/segment-file.ts';

/** Records are gathered up to this size before a frame is written. */
const FRAME_BYTES = 1 << 20;

export interface CopyTarget {
  /** Has the first candidate's number and the next revision: segments stay in the order of their records. */
  readonly into: SegmentName;
  readonly store: Buffer;
  readonly createdMs: number;
}

export interface Rewrite extends CopyTarget {
  readonly victims: readonly SegmentName[];
  isNeeded(chunk: ChunkEntry): boolean;
  /** Checked between frames; when it returns true, the rewriting stops and leaves nothing behind. */
  isCancelled(): boolean;
}

/**
 * Copies the live records of neighbouring segments into one segment, which is durable when this resolves. It becomes
 * part of the store only with a frame that says so. Returns undefined when cancelled. Throws DamageError: unreadable
 * data is not thrown away.
 */
export function rewriteSegments(disk: Disk, rewrite: Rewrite): Promise<Footer | undefined> {
  return writeCopy(disk, rewrite, async (out) => {
    for (const victim of rewrite.victims) {
      if (rewrite.isCancelled()) return false;
      await copySegment(disk, victim, rewrite, out);
    }
    return true;
  });
}

/** Writes a sealed segment with what `fill` adds; removes it when `fill` returns false or throws. */
export async function writeCopy(
  disk: Disk,
  target: CopyTarget,
  fill: (out: SegmentCopy) => Promise<boolean>,
): Promise<Footer | undefined> {
  const path = segmentPath(target.into);
  const temporary = `${path}.tmp`;
  if ((await disk.list(SEGMENTS_FOLDER)).some((name) => temporary.endsWith(`/${name}`)))
    await disk.remove(temporary);
  const file = await disk.open(temporary, 'create');
  let isWhole = false;
  try {
    const out = new SegmentCopy(file, target);
    await out.begin();
    if (!(await fill(out))) return undefined;
    const footer = await out.finish();
    await disk.rename(temporary, path);
    isWhole = true;
    await disk.syncFolder(SEGMENTS_FOLDER);
    return footer;
  } finally {
    await file.close();
    // This matters most when the disk is full.
    if (!isWhole) await disk.remove(temporary).catch(() => undefined);
  }
}

async function copySegment(
  disk: Disk,
  victim: SegmentName,
  rewrite: Rewrite,
  out: SegmentCopy,
): Promise<void> {
  const path = segmentPath(victim);
  const file = await disk.open(path, 'read');
  try {
    const footer = await readFooter(file, path, victim.number);
    if (footer === undefined) throw new DamageError(path, await file.size(), 'it has no footer');
    const options = { segment: victim.number, until: footer.framesEnd };
    const { end, fault } = await scanFrames(file, options, (frame) => copyFrame(frame, rewrite, out));
    if (fault !== undefined) throw new DamageError(path, end, fault);
  } finally {
    await file.close();
  }
}

async function copyFrame(frame: ScannedFrame, rewrite: Rewrite, out: SegmentCopy): Promise<void> {
  for (const [entry, payload] of chunksOf(frame)) {
    if (rewrite.isNeeded(entry)) out.add(entry, payload);
  }
  await out.flushWhenLarge();
}

export class SegmentCopy {
  readonly #file: DiskFile;
  readonly #target: CopyTarget;
  readonly #indexes = new Map<LogId, ChunkIndex>();
  #end = SEGMENT_HEADER_BYTES;
  #entries: ChunkEntry[] = [];
  #payload: Uint8Array[] = [];
  #bytes = 0;

  constructor(file: DiskFile, target: CopyTarget) {
    this.#file = file;
    this.#target = target;
  }

  begin(): Promise<void> {
    const { into, createdMs, store } = this.#target;
    return this.#file.write([encodeSegmentHeader({ ...into, createdMs, store })], 0);
  }

  /** Adds a chunk; those of a log must come in index order. */
  add(entry: ChunkEntry, payload: Uint8Array): void {
    assert.equal(payload.length, entry.bytes, 'a chunk without all of its records');
    this.#entries.push(entry);
    this.#payload.push(payload);
    this.#bytes += entry.bytes;
  }

  async flushWhenLarge(): Promise<void> {
    if (this.#bytes >= FRAME_BYTES) await this.#flush();
  }

  async finish(): Promise<Footer> {
    await this.#flush();
    const { pieces, footer } = encodeFooter({
      number: this.#target.into.number,
      framesEnd: this.#end,
      indexes: this.#indexes,
      keys: Buffer.alloc(0),
      newestKeyMs: 0,
    });
    await this.#file.write(pieces, this.#end);
    await this.#file.sync();
    return footer;
  }

  async #flush(): Promise<void> {
    if (this.#entries.length === 0) return;
    const place = { segment: this.#target.into.number, position: this.#end, commit: 0 };
    const head = encodeHead(place, this.#entries, this.#bytes);
    await this.#file.write([head, ...this.#payload], this.#end);
    let offset = this.#end + head.length;
    for (const entry of this.#entries) {
      let index = this.#indexes.get(entry.log);
      if (index === undefined) this.#indexes.set(entry.log, (index = new ChunkIndex(entry.firstIndex)));
      index.push({ ...entry, offset });
      offset += entry.bytes;
    }
    this.#end = offset;
    this.#entries = [];
    this.#payload = [];
    this.#bytes = 0;
  }
}
