import type { SealedSegment } from '../read/sealed-segment.ts';

/** Below this share of waste nothing is rewritten: the segments wait for their last records to expire. */
const WASTE_MAX = 0.25;
/** A segment that is used more than this is not worth copying. */
const USED_MAX = 0.75;
/** A run of this many small neighbours is merged into one, to bound open files and startup time. */
const SMALL_RUN = 16;
const SMALL_PART = 1 / 8;

/**
 * Chooses the neighbours whose rewriting frees most in relation to what it copies; none while the waste is acceptable.
 * `segments` must be in order of their numbers: only neighbours may be merged, otherwise a log's records would be out
 * of order.
 */
export function compactionCandidates(
  segments: readonly SealedSegment[],
  options: {
    readonly segmentBytes: number;
    /** The disk is full: no waste is acceptable. */
    readonly isShort: boolean;
    isLeftAlone(segment: SealedSegment): boolean;
  },
): SealedSegment[] {
  const { segmentBytes, isShort } = options;
  const live = sum(segments.map((segment) => segment.liveBytes));
  const wasteful =
    sum(segments.map(({ size }) => size)) > live * (1 + WASTE_MAX) + (isShort ? 0 : segmentBytes);
  const runs = segments.map((_, start) => runFrom(segments, start, options)).filter((run) => run.length > 0);
  const small = runs.find(
    (run) => run.length >= SMALL_RUN && run.every(({ size }) => size < segmentBytes * SMALL_PART),
  );
  if (small !== undefined) return small;
  if (!wasteful) return [];
  return runs.reduce((best, run) => (gain(run, segmentBytes) > gain(best, segmentBytes) ? run : best), []);
}

function runFrom(
  segments: readonly SealedSegment[],
  start: number,
  options: { readonly segmentBytes: number; isLeftAlone(segment: SealedSegment): boolean },
): SealedSegment[] {
  const run: SealedSegment[] = [];
  let live = 0;
  for (let at = start; at < segments.length; at++) {
    const segment = segments[at];
    if (segment === undefined || options.isLeftAlone(segment)) break;
    const isSparse = segment.liveBytes < segment.size * USED_MAX;
    if (!isSparse && segment.size >= options.segmentBytes * SMALL_PART) break;
    live += segment.liveBytes;
    if (live > options.segmentBytes && run.length > 0) break;
    run.push(segment);
  }
  return run;
}

/** Bytes freed per byte copied; a fixed cost per file keeps tiny ones from winning. */
function gain(run: readonly SealedSegment[], segmentBytes: number): number {
  const live = sum(run.map((segment) => segment.liveBytes));
  const freed = sum(run.map(({ size }) => size)) - live;
  return run.length === 0 ? 0 : freed / (live + segmentBytes / 32);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
