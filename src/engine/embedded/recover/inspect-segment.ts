import { isErrno, type Disk, type DiskFile } from '../disk.ts';
import { segmentKey, type ChunkEntry, type SegmentName } from '../format/entries.ts';
import { DamageError } from '../errors.ts';
import { readFooter, readIndexBlock, readKeys, type Footer } from '../format/footer.ts';
import { findLaterFrame, scanFrames, type ScannedFrame } from './scan.ts';
import {
  decodeSegmentHeader,
  parseSegmentName,
  SEGMENT_HEADER_BYTES,
  segmentPath,
  SEGMENTS_FOLDER,
} from '../read/segment-file.ts';

/** Something that is not as it was written. */
export interface Finding {
  readonly file: string;
  readonly offset: number;
  readonly what: string;
}

/** What is left of a segment. */
export interface SegmentInspection {
  readonly name: SegmentName;
  readonly path: string;
  readonly store: Buffer | undefined;
  /** Whether the frame with which it begins, the checkpoint of a revision 0, is whole. */
  readonly hasStart: boolean;
  readonly footer: Footer | undefined;
  /** Where the whole frames end, when nothing is wrong with those before. */
  readonly end: number;
  readonly frames: number;
  readonly records: number;
  readonly findings: readonly Finding[];
}

export async function listSegments(disk: Disk): Promise<SegmentName[]> {
  const files = await disk.list(SEGMENTS_FOLDER).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  });
  const names = files.map(parseSegmentName).filter((name) => name !== undefined);
  return names.sort((a, b) => a.number - b.number || a.revision - b.revision);
}

/**
 * Reads all of a segment and checks every checksum. Goes on behind what is harmed with the next whole frame;
 * `visit` is given each whole one, in order.
 */
export async function inspectSegment(
  disk: Disk,
  name: SegmentName,
  visit: (frame: ScannedFrame) => void | Promise<void> = () => undefined,
): Promise<SegmentInspection> {
  const path = segmentPath(name);
  const file = await disk.open(path, 'read');
  try {
    return await surveyFile(file, { name, path, visit });
  } finally {
    await file.close();
  }
}

async function surveyFile(
  file: DiskFile,
  segment: { name: SegmentName; path: string; visit: (frame: ScannedFrame) => void | Promise<void> },
): Promise<SegmentInspection> {
  const { name, path } = segment;
  const findings: Finding[] = [];
  const store = await readStore(file, name, path, findings);
  const footer = await orFinding(readFooter(file, path, name.number), findings);
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
    await segment.visit(frame);
  };
  const end = await scanAll(file, { name, path, until: footer?.framesEnd }, visit, findings);
  if (footer !== undefined) await checkFooter(file, path, footer, chunks, findings);
  return {
    name,
    path,
    store,
    hasStart: firstAt === SEGMENT_HEADER_BYTES,
    footer,
    end,
    frames,
    records,
    findings,
  };
}

/** Gives where the whole frames end. What follows the last one may be a write that was cut short: the caller decides. */
async function scanAll(
  file: DiskFile,
  segment: { name: SegmentName; path: string; until: number | undefined },
  visit: (frame: ScannedFrame) => Promise<void>,
  findings: Finding[],
): Promise<number> {
  const { number } = segment.name;
  let from = SEGMENT_HEADER_BYTES;
  for (;;) {
    const options = {
      segment: number,
      from,
      ...(segment.until === undefined ? {} : { until: segment.until }),
    };
    const { end, fault } = await scanFrames(file, options, visit);
    if (fault === undefined) return end;
    const later = await findLaterFrame(file, number, end);
    if (later !== undefined || segment.until !== undefined)
      findings.push({ file: segment.path, offset: end, what: fault });
    if (later === undefined) return end;
    from = later;
  }
}

async function readStore(
  file: DiskFile,
  name: SegmentName,
  path: string,
  findings: Finding[],
): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  const read = await file.read(bytes, 0);
  const header = await orFinding(
    Promise.resolve().then(() => decodeSegmentHeader(path, bytes.subarray(0, read))),
    findings,
  );
  if (header !== undefined && segmentKey(header) !== segmentKey(name)) {
    findings.push({ file: path, offset: 0, what: `it says that it is ${segmentPath(header)}` });
  }
  return header?.store;
}

/** The footer must tell what the frames tell. */
async function checkFooter(
  file: DiskFile,
  path: string,
  footer: Footer,
  chunks: readonly ChunkEntry[],
  findings: Finding[],
): Promise<void> {
  await orFinding(readKeys(file, path, footer), findings);
  const counts = new Map<number, number>();
  for (const chunk of chunks) counts.set(chunk.log, (counts.get(chunk.log) ?? 0) + 1);
  for (const row of footer.logs) {
    await orFinding(readIndexBlock(file, path, row), findings);
    if (counts.get(row.log) === row.chunks || findings.length > 0) continue;
    findings.push({
      file: path,
      offset: row.indexAt,
      what: `the index of log ${row.log} does not match its chunks`,
    });
  }
}

async function orFinding<Value>(reading: Promise<Value>, findings: Finding[]): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    findings.push({ file: error.file, offset: error.offset, what: error.what });
    return undefined;
  }
}
