import type { MetricQuery } from '../../support/metric-queries.ts';
import type { MetricSeries } from '../metric-series.ts';
import { Chart, type ChartData } from './chart.tsx';
import { dateTime, duration, timeZone, zoneName } from './format.ts';
import { RangeChoice, rangeOf } from './range.tsx';
import { Loading, Problem, useLive } from './ui.tsx';
import { useMemo } from 'preact/hooks';

export interface MetricLine {
  readonly label: string;
  readonly metric: MetricQuery;
  /** The sum of a period is shown as a rate; a period without data is one of nothing. */
  readonly isRate?: boolean;
}

export interface MetricChart {
  readonly title: string;
  readonly lines: readonly MetricLine[];
  readonly text: (value: number) => string;
}

/** How long calls took. */
export function timesOfCalls(metric: Omit<MetricQuery, 'statistic'>): MetricLine[] {
  const line = (label: string, statistic: string): MetricLine => ({
    label,
    metric: { ...metric, statistic },
  });
  return [
    line('average', 'Average'),
    line('99 %', 'p99'),
    line('longest', 'Maximum'),
    line('shortest', 'Minimum'),
  ];
}

/** Charts of stored metrics, with a choice of their range. */
export function MetricCharts({ charts }: { readonly charts: readonly MetricChart[] }) {
  const range = rangeOf('3h');
  const metrics = charts.flatMap(({ lines }) => lines.map(({ metric }) => metric));
  const { data, problem } = useLive<MetricSeries>({
    topic: 'metrics',
    metrics,
    rangeSeconds: range.seconds,
  });
  let first = 0;
  return (
    <div class="stack">
      <RangeChoice fallback="3h" />
      <Problem text={problem} />
      {data === undefined ? (
        problem === undefined && <Loading />
      ) : data.isDenied ? (
        <p class="note warn">Your key may not read metrics.</p>
      ) : (
        <div class="two">
          {charts.map((chart) => {
            const series = data.series.slice(first, (first += chart.lines.length));
            return <One key={chart.title} chart={chart} data={data} series={series} />;
          })}
        </div>
      )}
      <p class="muted small">
        99 %: so long took all calls but one in a hundred, to within 3 %, or 6 % if the longest took a
        thousand times as long as the shortest. Times before this was stored have no such value, and neither
        have statistic sets that clients put: of them only the sum and the extremes are known.
      </p>
    </div>
  );
}

function One({
  chart,
  data,
  series,
}: {
  readonly chart: MetricChart;
  readonly data: MetricSeries;
  readonly series: MetricSeries['series'];
}) {
  const { title, lines, text } = chart;
  const drawn = useMemo(
    (): ChartData => ({
      times: timesOf(data),
      lines: lines.map(({ label, isRate = false }, at) => ({
        label,
        values: (series[at] ?? []).map((value) => (isRate ? (value ?? 0) / data.periodSeconds : value)),
      })),
    }),
    [data],
  );
  const isEmpty = drawn.lines.every(({ values }) => values.every((value) => value === null || value === 0));
  return (
    <section class="panel stack" aria-label={title}>
      <div class="row">
        <h2 class="grow">{title}</h2>
        <Legend data={drawn} text={text} />
      </div>
      {isEmpty && <p class="muted small">Nothing in this time.</p>}
      <Chart label={labelOf(title, drawn)} data={drawn} />
      <ChartTable data={drawn} text={text} />
    </section>
  );
}

export function timesOf({ from, periodSeconds, series }: MetricSeries): number[] {
  return Array.from({ length: series[0]?.length ?? 0 }, (_, at) => from + at * periodSeconds);
}

/** What a chart shows, for those who do not see it. */
export function labelOf(title: string, { times }: ChartData): string {
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const [from, to] = [first, last].map((seconds) => dateTime(seconds * 1000).slice(0, 16));
  return `${title}, from ${from} to ${to} (${zoneName()})`;
}

function Legend({ data, text }: { readonly data: ChartData; readonly text: MetricChart['text'] }) {
  return (
    <ul class="legend small">
      {data.lines.map(({ label, values }, at) => {
        const last = values.findLast((value) => value !== null);
        return (
          <li key={label} class={`line-${at}`}>
            {label} <b>{last === undefined || last === null ? 'none' : text(last)}</b>
          </li>
        );
      })}
    </ul>
  );
}

/** The twin of a chart, the newest on top; times without any value are left out. */
export function ChartTable({
  data,
  text,
  note,
}: {
  readonly data: ChartData;
  readonly text: MetricChart['text'];
  /** A word about a time. */
  readonly note?: { readonly title: string; readonly of: (at: number) => string };
}) {
  const rows = data.times
    .map((time, at) => ({ time, at, values: data.lines.map(({ values }) => values[at] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null))
    .toReversed();
  return (
    <details class="small">
      <summary>
        As a table{' '}
        <span class="muted">
          (periods of {duration(((data.times[1] ?? 0) - (data.times[0] ?? 0)) * 1000)}, {zoneName()})
        </span>
      </summary>
      <div class="payload" tabIndex={0} role="region" aria-label="Values of the chart">
        <table key={timeZone.value}>
          <thead>
            <tr>
              <th>Time</th>
              {data.lines.map(({ label }) => (
                <th key={label} class="num">
                  {label}
                </th>
              ))}
              {note !== undefined && <th>{note.title}</th>}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ time, at, values }) => (
              <tr key={time}>
                <td class="mono">{dateTime(time * 1000).slice(0, 19)}</td>
                {values.map((value, line) => (
                  <td key={data.lines[line]?.label} class="num">
                    {value === null ? '' : text(value)}
                  </td>
                ))}
                {note !== undefined && <td>{note.of(at)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
