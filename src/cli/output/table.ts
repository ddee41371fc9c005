import type { Terminal } from '../terminal.ts';
import { plain } from './plain.ts';

export interface Column<Row> {
  readonly title: string;
  /** `right` for numbers. */
  readonly align?: 'right';
  of(row: Row): string | number | undefined;
}

const GAP = '  ';

/** A table with titles for a person, or lines with tabs and without titles for a program. */
export function columnsText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { columns: width, environment }: Pick<Terminal, 'columns' | 'environment'>,
): string {
  const cells = rows.map((row) => columns.map((column) => cellOf(column.of(row))));
  if (width === undefined) return cells.map((row) => row.join('\t')).join('\n');
  if (rows.length === 0) return '';
  const titles = columns.map(({ title }) => title.toUpperCase());
  const widths = columns.map((_, at) => Math.max(...[titles, ...cells].map((row) => row[at]?.length ?? 0)));
  const lines = [titles, ...cells].map((row) => {
    const padded = row.map((cell, at) => pad(cell, widths[at] ?? 0, columns[at]?.align));
    return padded.join(GAP).trimEnd();
  });
  return [bold(lines[0] ?? '', environment), ...lines.slice(1)].join('\n');
}

function cellOf(value: string | number | undefined): string {
  return value === undefined ? '-' : plain(String(value));
}

function pad(cell: string, width: number, align: 'right' | undefined): string {
  return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
}

/** For terminals that show it, unless the user wants none (no-color.org). */
export function bold(text: string, { NO_COLOR, TERM }: Terminal['environment']): string {
  const isPlain = (NO_COLOR !== undefined && NO_COLOR !== '') || TERM === undefined || TERM === 'dumb';
  return isPlain ? text : `\u001B[1m${text}\u001B[22m`;
}
