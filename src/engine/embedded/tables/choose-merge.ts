import type { RowKey } from '../format/row-key.ts';
import type { TableFile } from '../format/table-file.ts';
import type { Levels } from './levels.ts';

/** Each level holds this many times the size of the one before. */
const GROWTH = 10;

export interface Merge {
  /** Newest first: each file of level 0 by itself, then the files of a level together. */
  readonly sources: readonly (readonly TableFile[])[];
  /** The level of the result. */
  readonly level: number;
  /** No older file has any of its keys. */
  readonly isOldest: boolean;
  /** A single file that only changes its level. */
  readonly isMove: boolean;
}

/**
 * Chooses the most urgent merge; undefined when none is needed. `after` has the last merged key per level: the files of
 * a level are merged in turn.
 */
export function chooseMerge(
  levels: Levels,
  options: {
    /** Number of level 0 files that triggers a merge into level 1: every read consults each of them. */
    readonly levelZeroFiles: number;
    readonly levelBytes: number;
    readonly after: ReadonlyMap<number, RowKey>;
    isDamaged(file: TableFile): boolean;
  },
): Merge | undefined {
  const newest = levels.levels[0] ?? [];
  if (newest.length >= options.levelZeroFiles) {
    const merge = mergeOf(levels, 0, newest);
    if (!merge.sources.flat().some((file) => options.isDamaged(file))) return merge;
  }
  let bytesMax = options.levelBytes;
  for (let level = 1; level < levels.levels.length; level++, bytesMax *= GROWTH) {
    if (levels.bytes(level) <= bytesMax) continue;
    const files = levels.levels[level] ?? [];
    const after = options.after.get(level) ?? '';
    const inTurn = [
      ...files.filter(({ first }) => first > after),
      ...files.filter(({ first }) => first <= after),
    ];
    for (const file of inTurn) {
      const merge = mergeOf(levels, level, [file]);
      if (!merge.sources.flat().some((one) => options.isDamaged(one))) return merge;
    }
  }
  return undefined;
}

function mergeOf(levels: Levels, from: number, files: readonly TableFile[]): Merge {
  const level = from + 1;
  const [first, last] = rangeOf(files);
  const below = levels.overlapping(level, first, last);
  const sources = from === 0 ? files.map((file) => [file]) : [files];
  if (below.length > 0) sources.push(below);
  const [allFirst, allLast] = rangeOf([...files, ...below]);
  let isOldest = true;
  for (let older = level + 1; older < levels.levels.length; older++) {
    if (levels.overlapping(older, allFirst, allLast).length > 0) isOldest = false;
  }
  const isMove = from > 0 && below.length === 0;
  return { sources, level, isOldest, isMove };
}

function rangeOf(files: readonly TableFile[]): [first: RowKey, last: RowKey] {
  let first = files[0]?.first ?? '';
  let last = files[0]?.last ?? '';
  for (const file of files) {
    if (file.first < first) first = file.first;
    if (file.last > last) last = file.last;
  }
  return [first, last];
}
