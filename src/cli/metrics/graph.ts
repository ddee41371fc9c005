import { numberText } from '../output/units.ts';
import type { MetricRange, Point } from './metric-data.ts';

const HEIGHT = 10;
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar chart of text. Periods without samples are empty, and more periods than columns share one by their largest. */
export function graph(points: readonly Point[], range: MetricRange & { readonly width: number }): string {
  const most = Math.max(...points.map(({ value }) => value), 0);
  const labels = [most, most / 2, 0].map((value) => numberText(value, value < 10 ? 2 : 0));
  const margin = Math.max(...labels.map((label) => label.length));
  const columns = columnsOf(points, range, Math.max(10, range.width - margin - 3));
  const lines = Array.from({ length: HEIGHT }, (_, row) => {
    const label = row === 0 ? labels[0] : row === HEIGHT / 2 ? labels[1] : '';
    return `${(label ?? '').padStart(margin)} ┤${columns.map((value) => cell(value, most, HEIGHT - 1 - row)).join('')}`;
  });
  const [start, end] = [range.startMs, range.endMs].map((ms) => new Date(ms).toISOString().slice(0, 19));
  const gap = ' '.repeat(Math.max(1, columns.length - (start?.length ?? 0) - (end?.length ?? 0)));
  return [
    ...lines,
    `${(labels[2] ?? '').padStart(margin)} └${'─'.repeat(columns.length)}`,
    `${' '.repeat(margin + 2)}${start}${gap}${end}`,
  ].join('\n');
}

function columnsOf(
  points: readonly Point[],
  { startMs, endMs, periodSeconds }: MetricRange,
  width: number,
): (number | undefined)[] {
  const periods = Math.max(1, Math.ceil((endMs - startMs) / (periodSeconds * 1000)));
  const count = Math.min(width, periods);
  const columns: (number | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const { timeMs, value } of points) {
    const share = (timeMs - startMs) / (endMs - startMs);
    const at = Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    columns[at] = Math.max(columns[at] ?? value, value);
  }
  return columns;
}

/** Of the row, counted from below. */
function cell(value: number | undefined, most: number, row: number): string {
  if (value === undefined || most <= 0) return ' ';
  const eighths = Math.round((Math.max(0, value) / most) * HEIGHT * 8) - row * 8;
  return EIGHTHS[Math.max(0, Math.min(8, eighths))] ?? ' ';
}
