import type { RowKey } from '../format/row-key.ts';
import type { TableFile } from '../format/table-file.ts';

/**
 * Which table files there are, by age: level 0 as they were written, each from some megabytes of changes; from level 1
 * on the files of a level do not overlap, and each level is older than the one before. A value: changes make a new one.
 */
export class Levels {
  /** Level 0 in order of age, the newest first; others in the order of their keys. */
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
    for (const [level, ofLevel] of levels.entries()) ofLevel.sort(level === 0 ? byAge : byKey);
    return new Levels(levels);
  }

  files(): TableFile[] {
    return this.levels.flat();
  }

  has(number: number): boolean {
    return this.levels.some((files) => files.some((file) => file.number === number));
  }

  /** Those that may hold the key, the newest first. */
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

/** Numbers of level 0 rise with the age of what is in them. */
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
