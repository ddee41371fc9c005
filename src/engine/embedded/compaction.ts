import type { LogId } from '../engine.ts';
import { ChunkIndex } from './chunk-index.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { ChunkEntry, SegmentName } from './entries.ts';
import { DamageError } from './errors.ts';
import { encodeFooter, readFooter, type Footer } from './footer.ts';
import { encodeHead } from './frame.ts';
import { scanFrames, type ScannedFrame } from './scan.ts';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, SEGMENTS_FOLDER, segmentPath } from './segment-file.ts';

/** Records are gathered up to this much before a frame is written. */
const FRAME_BYTES = 1 << 20;

export interface Rewrite {
  readonly victims: readonly SegmentName[];
  /** Takes the first victim's number, with the next revision: segments stay in the order of their records. */
  readonly into: SegmentName;
  readonly store: Buffer;
  readonly createdMs: number;
  isNeeded(chunk: ChunkEntry): boolean;
  /** Asked between frames; the rewriting ends without a trace when it is true. */
  isCancelled(): boolean;
}

/**
 * Copies what is still needed of neighbouring segments into one, which is on disk when this resolves; the store
 * does not consist of it before a frame says so. Undefined when cancelled. Throws DamageError: what cannot be read
 * is not thrown away.
 */
export async function rewriteSegments(disk: Disk, rewrite: Rewrite): Promise<Footer | undefined> {
  const path = segmentPath(rewrite.into);
  const temporary = `${path}.tmp`;
  if ((await disk.list(SEGMENTS_FOLDER)).some((name) => temporary.endsWith(`/${name}`)))
    await disk.remove(temporary);
  const file = await disk.open(temporary, 'create');
  try {
    const out = new SegmentCopy(file, rewrite);
    await out.begin();
    for (const victim of rewrite.victims) {
      if (rewrite.isCancelled()) return undefined;
      await copySegment(disk, victim, rewrite, out);
    }
    const footer = await out.finish();
    await disk.rename(temporary, path);
    await disk.syncFolder(SEGMENTS_FOLDER);
    return footer;
  } finally {
    await file.close();
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
    const { end, fault } = await scanFrames(file, options, (frame) => out.copy(frame, rewrite));
    if (fault !== undefined) throw new DamageError(path, end, fault);
  } finally {
    await file.close();
  }
}

class SegmentCopy {
  readonly #file: DiskFile;
  readonly #rewrite: Rewrite;
  readonly #indexes = new Map<LogId, ChunkIndex>();
  #end = SEGMENT_HEADER_BYTES;
  #entries: ChunkEntry[] = [];
  #payload: Uint8Array[] = [];
  #bytes = 0;

  constructor(file: DiskFile, rewrite: Rewrite) {
    this.#file = file;
    this.#rewrite = rewrite;
  }

  begin(): Promise<void> {
    const { into, createdMs, store } = this.#rewrite;
    return this.#file.write([encodeSegmentHeader({ ...into, createdMs, store })], 0);
  }

  async copy(frame: ScannedFrame, rewrite: Rewrite): Promise<void> {
    let offset = 0;
    for (const entry of frame.entries) {
      if (entry.kind !== 'chunk') continue;
      if (rewrite.isNeeded(entry)) {
        this.#entries.push(entry);
        this.#payload.push(frame.payload.subarray(offset, offset + entry.bytes));
        this.#bytes += entry.bytes;
      }
      offset += entry.bytes;
    }
    if (this.#bytes >= FRAME_BYTES) await this.#flush();
  }

  async finish(): Promise<Footer> {
    await this.#flush();
    const { pieces, footer } = encodeFooter({
      number: this.#rewrite.into.number,
      framesEnd: this.#end,
      indexes: this.#indexes,
      tokens: Buffer.alloc(0),
      newestTokenMs: 0,
    });
    await this.#file.write(pieces, this.#end);
    await this.#file.sync();
    return footer;
  }

  async #flush(): Promise<void> {
    if (this.#entries.length === 0) return;
    const place = { segment: this.#rewrite.into.number, position: this.#end, commit: 0 };
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
