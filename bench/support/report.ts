import { cpus } from 'node:os';
import { median } from './load.ts';
import { ratios, type Row } from './row.ts';

const number = (value: number, unit: Row['unit']): string =>
  unit === 'ms' ? `${value.toFixed(1)} ms` : Math.round(value).toLocaleString('en-US');

const spread = (values: readonly number[], digits: number): string =>
  `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;

/** The table in Markdown: medians, and of the ratios how far the rounds lay apart. */
export function table(rows: readonly Row[]): string {
  const lines = [
    '| work | nagare | baseline in the same run | ratio (of the rounds) | wanted |',
    '|---|---|---|---|---|',
  ];
  for (const { work, unit, nagare, baseline, p99Ms, goals } of rows) {
    const measured =
      unit === 'ms' && p99Ms !== undefined
        ? `p50 ${number(median(nagare), unit)}, p99 ${number(median(p99Ms), unit)}`
        : `${number(median(nagare), unit)} ${unit}`;
    const beside =
      baseline === undefined
        ? ''
        : `${number(median(baseline.values), unit)}${unit === 'ms' ? '' : ` ${unit}`}: ${baseline.name}`;
    const all = baseline === undefined ? [] : ratios(nagare, baseline.values);
    const digits = median(all) >= 10 ? 0 : 2;
    const ratio = all.length === 0 ? '' : `${median(all).toFixed(digits)} (${spread(all, digits)})`;
    const wanted = goals.map(({ text, reached }) => `${text}: ${reached ? 'yes' : '**no**'}`).join('; ');
    lines.push(`| ${[work, measured, beside, ratio, wanted].join(' | ')} |`);
  }
  return lines.join('\n');
}

/** Where and when it was measured. */
export function circumstances(rounds: number, loadBefore: number, loadAfter: number): string {
  const [cpu] = cpus();
  return (
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores ` +
    `(${cpu?.model ?? 'unknown'}) shared by the server, what loads it and whatever else ran: a load average of ` +
    `${loadBefore.toFixed(1)} before and ${loadAfter.toFixed(1)} after. Medians of ${rounds} rounds; nagare and its ` +
    'baseline take turns.'
  );
}
