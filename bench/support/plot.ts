import { median } from './load.ts';
import type { Row } from './row.ts';

const WIDTH = 860;
const LABEL_WIDTH = 390;
const BAR_HEIGHT = 15;
const ROW_HEIGHT = 62;
const HEAD_HEIGHT = 58;
const BAR_MAX = WIDTH - LABEL_WIDTH - 110;

/**
 * Two bars a row, nagare's and its baseline's, to the scale of that row: rates and times of different work have no
 * scale in common.
 */
export function plot(rows: readonly Row[]): string {
  const height = HEAD_HEIGHT + rows.length * ROW_HEIGHT + 8;
  const body = rows.map((row, ordinal) => rowBars(row, HEAD_HEIGHT + ordinal * ROW_HEIGHT)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="nagare and its baselines">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2933; }
  .title { font-size: 16px; font-weight: 600; }
  .faint { fill: #66717d; }
  .nagare { fill: #0f7ea3; }
  .baseline { fill: #c3ccd5; }
  .ground { fill: #ffffff; }
</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
${text(16, 24, 'nagare and what ran beside it, in turns', 'title')}
${text(16, 43, 'every put is on disk before it is answered; each pair of bars has a scale of its own', 'faint')}
${body}
</svg>
`;
}

function rowBars({ work, unit, nagare, baseline }: Row, top: number): string {
  const ours = median(nagare);
  const theirs = baseline === undefined ? undefined : median(baseline.values);
  const most = Math.max(ours, theirs ?? 0);
  const note = unit === 'ms' ? 'median; shorter is better' : 'records/s; longer is better';
  const parts = [
    text(16, top + 14, work, ''),
    text(16, top + 32, theirs === undefined ? note : `${note}; grey: ${baseline?.name}`, 'faint'),
    bar(top, ours / most, 'nagare', format(ours, unit)),
  ];
  if (theirs !== undefined)
    parts.push(bar(top + BAR_HEIGHT + 4, theirs / most, 'baseline', format(theirs, unit)));
  return parts.join('\n');
}

function bar(top: number, share: number, kind: string, label: string): string {
  const width = Math.max(1, Math.round(share * BAR_MAX));
  return `<rect class="${kind}" x="${LABEL_WIDTH}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>
${text(LABEL_WIDTH + width + 6, top + 12, label, '')}`;
}

function format(value: number, unit: Row['unit']): string {
  if (unit === 'ms') return `${value.toFixed(1)} ms`;
  return value >= 10_000
    ? `${Math.round(value / 1000).toLocaleString('en-US')} k`
    : String(Math.round(value));
}

function text(x: number, y: number, content: string, kind: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}"${kind === '' ? '' : ` class="${kind}"`}>${escaped}</text>`;
}
