import type { RowKey } from '../format/row-key.ts';
import type { TableFile } from '../format/table-file.ts';
import type { Levels } from './levels.ts';

/** A level holds so many times what the one before holds. */
const GROWTH = 10;

export interface Merge {
  /** The newest first: files of level 0, each on its own, then a level's files as one. */
  readonly sources: readonly (readonly TableFile[])[];
  /** Where the result belongs. */
  readonly level: number;
  /** Nothing older than the result has any of its keys. */
  readonly isOldest: boolean;
  /** One file that only changes its level. */
  readonly isMove: boolean;
}

/**
 * The merge that is most due; undefined when none is. `after` is, per level, the last key that was merged out of it: a
 * level's files take turns.
 */
export function chooseMerge(
  levels: Levels,
  options: {
    /** Level 0 has so many before they are merged into level 1: each one is asked by every read. */
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
