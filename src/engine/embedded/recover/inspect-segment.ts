import type { RecordRange } from '../../engine.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import type { Disk, DiskFile } from '../disk.ts';
import { segmentKey, type ChunkEntry, type SegmentName } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { readFooter, readIndexBlock, readKeys, type Footer } from '../format/footer.ts';
import { findLaterFrame, readFrameAt, scanFrames, type ScannedFrame } from './scan.ts';
import {
  decodeSegmentHeader,
  parseSegmentName,
  SEGMENT_HEADER_BYTES,
  segmentPath,
  SEGMENTS_FOLDER,
} from '../read/segment-file.ts';

/** Damage in the engine's own terms; `describe-damage.ts` translates it to the user's. */
export interface Damage {
  /** Relative to the engine's folder. */
  readonly file: string;
  readonly offset: number;
  readonly problem: string;
  /** The damaged records, if they are known. */
  readonly records?: RecordRange;
  /** Other damaged things, in the user's terms. */
  readonly subject?: string;
}

export interface InspectOptions {
  /**
   * Called in order with each intact frame, and with each frame whose head is intact but some of whose records are
   * damaged.
   */
  readonly visit?: (frame: ScannedFrame) => void | Promise<void>;
  /**
   * The file is known to have been durable up to here: damage before this point is not a write cut short by a crash.
   */
  readonly durableEnd?: number | undefined;
  /** Bytes after this point are not read: the server may be writing them. */
  readonly until?: number | undefined;
}

/** What is intact in a segment. */
export interface SegmentInspection {
  readonly name: SegmentName;
  readonly path: string;
  readonly store: Buffer | undefined;
  /** Whether its first frame, the checkpoint of a revision 0, is intact. */
  readonly hasStart: boolean;
  readonly footer: Footer | undefined;
  /** Where the intact frames end, when all frames before are undamaged. */
  readonly end: number;
  readonly frames: number;
  readonly records: number;
  readonly damages: readonly Damage[];
}

export async function listSegments(disk: Disk): Promise<SegmentName[]> {
  const files = await disk.list(SEGMENTS_FOLDER).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
  const names = files.map(parseSegmentName).filter((name) => name !== undefined);
  return names.sort((a, b) => a.number - b.number || a.revision - b.revision);
}

/** Reads a whole segment and verifies every checksum. After damage it continues with the next intact frame. */
export async function inspectSegment(
  disk: Disk,
  name: SegmentName,
  options: InspectOptions = {},
): Promise<SegmentInspection> {
  const path = segmentPath(name);
  const file = await disk.open(path, 'read');
  try {
    return await inspectFile(file, { name, path, ...options });
  } finally {
    await file.close();
  }
}

interface InspectedFile extends InspectOptions {
  readonly name: SegmentName;
  readonly path: string;
}

async function inspectFile(file: DiskFile, segment: InspectedFile): Promise<SegmentInspection> {
  const { name, path } = segment;
  const damages: Damage[] = [];
  const store = await readStore(file, name, path, damages);
  const isWritten = segment.until !== undefined;
  const footer = isWritten ? undefined : await orDamage(readFooter(file, path, name.number), damages);
  const chunks: ChunkEntry[] = [];
  let [frames, records, firstAt] = [0, 0, -1];
  const visit = async (frame: ScannedFrame): Promise<void> => {
    if (firstAt < 0) firstAt = frame.position;
    frames++;
    for (const entry of frame.entries) {
      if (entry.kind !== 'chunk') continue;
      records += entry.count;
      chunks.push(entry);
    }
    await segment.visit?.(frame);
  };
  const end = await scanAll(file, { ...segment, visit, until: footer?.framesEnd ?? segment.until }, damages);
  if (footer !== undefined) await checkFooter(file, path, footer, chunks, damages);
  return {
    name,
    path,
    store,
    hasStart: firstAt === SEGMENT_HEADER_BYTES,
    footer,
    end,
    frames,
    records,
    damages,
  };
}

/** Returns where the intact frames end. What follows may be a write that was cut short: the caller decides. */
async function scanAll(
  file: DiskFile,
  segment: InspectedFile & {
    readonly visit: (frame: ScannedFrame) => Promise<void>;
    readonly until: number | undefined;
  },
  damages: Damage[],
): Promise<number> {
  const { name, path, until, visit, durableEnd = 0 } = segment;
  let from = SEGMENT_HEADER_BYTES;
  for (;;) {
    const options = { segment: name.number, from, ...(until === undefined ? {} : { until }) };
    const { end, fault } = await scanFrames(file, options, visit);
    if (fault === undefined) return end;
    const later = await findLaterFrame(file, name.number, end);
    if (later === undefined && until === undefined && end >= durableEnd) return end;
    const frame = await readFrameAt(file, name.number, end);
    if (frame !== undefined && frame.damaged.length > 0) {
      damages.push(...damagedChunks(frame, path));
      await visit(frame);
      from = frame.payloadAt + frame.payloadBytes;
      continue;
    }
    damages.push({ file: path, offset: end, problem: fault });
    if (later === undefined) return end;
    from = later;
  }
}

function damagedChunks(frame: ScannedFrame, path: string): Damage[] {
  const damages: Damage[] = [];
  let offset = frame.payloadAt;
  for (const entry of frame.entries) {
    if (entry.kind !== 'chunk') continue;
    if (frame.damaged.includes(entry)) {
      const { log, firstIndex, count, arrivalMs } = entry;
      const records = { log, firstIndex, count, arrivalMs };
      damages.push({ file: path, offset, problem: 'checksum mismatch', records });
    }
    offset += entry.bytes;
  }
  return damages;
}

async function readStore(
  file: DiskFile,
  name: SegmentName,
  path: string,
  damages: Damage[],
): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const read = await file.read(bytes, 0);
  const header = await orDamage(
    Promise.resolve().then(() => decodeSegmentHeader(path, bytes.subarray(0, read))),
    damages,
  );
  if (header !== undefined && segmentKey(header) !== segmentKey(name)) {
    damages.push({ file: path, offset: 0, problem: `its header belongs to ${segmentPath(header)}` });
  }
  return header?.store;
}

/** Verifies that the footer matches the frames. */
async function checkFooter(
  file: DiskFile,
  path: string,
  footer: Footer,
  chunks: readonly ChunkEntry[],
  damages: Damage[],
): Promise<void> {
  await orDamage(readKeys(file, path, footer), damages);
  const counts = new Map<number, number>();
  for (const chunk of chunks) counts.set(chunk.log, (counts.get(chunk.log) ?? 0) + 1);
  for (const row of footer.logs) {
    await orDamage(readIndexBlock(file, path, row), damages);
    if (counts.get(row.log) === row.chunks || damages.length > 0) continue;
    damages.push({
      file: path,
      offset: row.indexAt,
      problem: `the index of log ${row.log} does not match its chunks`,
    });
  }
}

async function orDamage<Value>(reading: Promise<Value>, damages: Damage[]): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    damages.push({ file: error.file, offset: error.offset, problem: error.what });
    return undefined;
  }
}
