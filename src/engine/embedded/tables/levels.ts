import assert from 'node:assert/strict';

import type { RowKey } from '../format/row-key.ts';
import type { TableFile } from '../format/table-file.ts';

/**
 * The table files by age. Level 0 has the files of flushes, each with some megabytes of changes. From level 1 on, the
 * files of a level do not overlap, and each level is older than the one before. Immutable: changes make a new object.
 */
export class Levels {
  /** Level 0 newest first; other levels in key order. */
  readonly levels: readonly (readonly TableFile[])[];

  constructor(levels: readonly (readonly TableFile[])[] = []) {
    this.levels = levels;
  }

  change(gone: readonly number[], came: readonly TableFile[]): Levels {
    const numbers = new Set(gone);
    const files = [...this.files().filter(({ number }) => !numbers.has(number)), ...came];
    const levels: TableFile[][] = [];
    for (const file of files) {
      while (levels.length <= file.level) levels.push([]);
      levels[file.level]?.push(file);
    }
    for (const [level, ofLevel] of levels.entries()) {
      ofLevel.sort(level === 0 ? byAge : byKey);
      if (level > 0) checkApart(ofLevel);
    }
    return new Levels(levels);
  }

  files(): TableFile[] {
    return this.levels.flat();
  }

  has(number: number): boolean {
    return this.levels.some((files) => files.some((file) => file.number === number));
  }

  /** The files that may contain the key, newest first. */
  filesOf(key: RowKey): TableFile[] {
    const found: TableFile[] = [];
    for (const [level, files] of this.levels.entries()) {
      if (level === 0) found.push(...files.filter((file) => file.first <= key && key <= file.last));
      else {
        const file = files[firstEndingAtOrAfter(files, key)];
        if (file !== undefined && file.first <= key) found.push(file);
      }
    }
    return found;
  }

  overlapping(level: number, first: RowKey, last: RowKey): TableFile[] {
    return (this.levels[level] ?? []).filter((file) => file.first <= last && first <= file.last);
  }

  bytes(level: number): number {
    return (this.levels[level] ?? []).reduce((sum, file) => sum + file.bytes, 0);
  }
}

function checkApart(files: readonly TableFile[]): void {
  let last: TableFile | undefined;
  for (const file of files) {
    assert(last === undefined || last.last < file.first, 'table files of a level overlap');
    last = file;
  }
}

/** In level 0 a higher number means newer content. */
function byAge(a: TableFile, b: TableFile): number {
  return b.number - a.number;
}

function byKey(a: TableFile, b: TableFile): number {
  return a.first < b.first ? -1 : 1;
}

function firstEndingAtOrAfter(files: readonly TableFile[], key: RowKey): number {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((files[middle]?.last ?? '') >= key) high = middle;
    else low = middle + 1;
  }
  return low;
}
