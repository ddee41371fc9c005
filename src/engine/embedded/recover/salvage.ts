import type { LogId } from '../../engine.ts';
import { chunksOf } from '../reclaim/compaction.ts';
import type { Disk } from '../disk.ts';
import { segmentKey, type ChunkEntry, type SegmentName } from '../format/entries.ts';
import { DurableWatermark } from '../write/durable-watermark.ts';
import type { LogState } from '../log-state.ts';
import { segmentPath, SEGMENT_HEADER_BYTES } from '../read/segment-file.ts';
import { emptyIndexes, State } from '../state.ts';
import { listSegments, inspectSegment, type Finding, type SegmentInspection } from './inspect-segment.ts';

interface Chunk {
  readonly entry: ChunkEntry;
  readonly payload: Buffer;
}

interface Range {
  readonly log: LogId;
  readonly firstIndex: number;
  readonly count: number;
  readonly arrivalMs: number;
}

/** A segment of the store, and what must be done about it. */
export interface SalvagedSegment {
  readonly name: SegmentName;
  readonly isHarmed: boolean;
  /** What is whole in it, when it is to be written anew; undefined when it can stay. */
  readonly chunks: Chunk[] | undefined;
  readonly lost: Range[];
  readonly ranges: readonly Range[];
}

export interface Salvage {
  readonly state: State;
  readonly store: Buffer | undefined;
  readonly present: readonly SegmentName[];
  readonly segments: readonly SalvagedSegment[];
  readonly findings: readonly Finding[];
}

/** Reads all that is whole, and finds which records are not there any more. */
export async function salvage(disk: Disk): Promise<Salvage> {
  const present = await listSegments(disk);
  // A mark that is harmed itself tells nothing.
  const mark = await DurableWatermark.read(disk).catch(() => undefined);
  const surveys: SegmentInspection[] = [];
  for (const name of present) surveys.push(await inspectSegment(disk, name));
  const state = await salvageState(disk, surveys);
  const newest = surveys.filter(({ name }) => name.revision === 0).at(-1);
  const names = new Map(state.live);
  if (newest !== undefined) names.set(segmentKey(newest.name), newest.name);
  const findings = surveys
    .filter(({ name }) => names.has(segmentKey(name)))
    .flatMap((survey) => survey.findings);
  const segments: SalvagedSegment[] = [];
  for (const name of [...names.values()].sort((a, b) => a.number - b.number)) {
    const survey = surveys.find((one) => segmentKey(one.name) === segmentKey(name));
    if (survey === undefined)
      findings.push({ file: segmentPath(name), offset: 0, what: 'the file is missing' });
    const isCut = survey !== undefined && mark?.segment === name.number && survey.end < mark.end;
    if (isCut) findings.push({ file: survey.path, offset: survey.end, what: 'it ends too early' });
    segments.push(await salvageSegment(disk, name, { survey, state, isNewest: survey === newest, isCut }));
  }
  for (const log of state.logs.values()) findLost(log, segments);
  return {
    state,
    store: surveys.find(({ store }) => store !== undefined)?.store,
    present,
    segments,
    findings,
  };
}

/** From the newest whole checkpoint on; with that of the newest segment harmed, from the one before, and so on. */
async function salvageState(disk: Disk, surveys: readonly SegmentInspection[]): Promise<State> {
  const state = new State();
  const plain = surveys.filter(({ name }) => name.revision === 0);
  const base = Math.max(
    0,
    plain.findLastIndex(({ hasStart }) => hasStart),
  );
  for (const [ordinal, { name }] of plain.entries()) {
    if (ordinal < base) continue;
    state.active = emptyIndexes(name.number);
    await inspectSegment(disk, name, (frame) => {
      // A later segment's checkpoint tells what the frames before it have told already.
      if (ordinal > base && frame.position === SEGMENT_HEADER_BYTES) return;
      state.apply(frame.entries, frame);
      state.commit = Math.max(state.commit, frame.commit);
    });
    if (ordinal < plain.length - 1) state.live.set(segmentKey(name), name);
  }
  return state;
}

async function salvageSegment(
  disk: Disk,
  name: SegmentName,
  about: {
    readonly survey: SegmentInspection | undefined;
    readonly state: State;
    readonly isNewest: boolean;
    readonly isCut: boolean;
  },
): Promise<SalvagedSegment> {
  const { survey, state, isNewest, isCut } = about;
  if (survey === undefined) return { name, isHarmed: true, chunks: [], lost: [], ranges: [] };
  const isHarmed = isCut || survey.findings.length > 0 || (survey.footer === undefined && !isNewest);
  if (!isHarmed && !isNewest) {
    const ranges = (survey.footer?.logs ?? []).map((row) => ({
      log: row.log,
      firstIndex: row.firstIndex,
      count: row.nextIndex - row.firstIndex,
      arrivalMs: row.lastArrivalMs,
    }));
    return { name, isHarmed, chunks: undefined, lost: [], ranges };
  }
  const chunks: Chunk[] = [];
  await inspectSegment(disk, name, (frame) => {
    for (const [entry, payload] of chunksOf(frame)) {
      const needed = entry.firstIndex + entry.count > (state.logs.get(entry.log)?.firstIndex ?? Infinity);
      if (needed) chunks.push({ entry, payload });
    }
  });
  return { name, isHarmed, chunks, lost: [], ranges: chunks.map(({ entry }) => entry) };
}

/** What lies between the ranges that are there is lost; a segment that is written anew between them says so. */
function findLost(log: LogState, segments: readonly SalvagedSegment[]): void {
  let expected = log.firstIndex;
  let arrivalMs = 0;
  let since = 0;
  const lose = (until: number, before: number): void => {
    const place = segments.slice(since, before + 1).find(({ chunks }) => chunks !== undefined);
    if (until > expected && place !== undefined) {
      place.lost.push({ log: log.id, firstIndex: expected, count: until - expected, arrivalMs });
    }
  };
  for (const [ordinal, segment] of segments.entries()) {
    for (const range of segment.ranges) {
      const end = range.firstIndex + range.count;
      if (range.log !== log.id || end <= expected) continue;
      lose(range.firstIndex, ordinal);
      expected = end;
      since = ordinal;
      arrivalMs = range.arrivalMs;
    }
  }
  lose(log.nextIndex, segments.length - 1);
}
