import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { dateTime, timeZone } from './format.ts';
import { theme } from './theme.ts';

const HEIGHT = 220;
const DAY = 86_400;

export interface ChartLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface ChartData {
  /** In seconds. */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly threshold?: number;
  /** Of the first line: points that are marked. */
  readonly marked?: readonly boolean[];
  /** Times that have a background of their own, in seconds. */
  readonly bands?: readonly (readonly [from: number, to: number])[];
}

/** A graph over time. The library is loaded when the first one is seen. */
export function Chart({ label, data }: { readonly label: string; readonly data: ChartData }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let plot: uPlot | undefined;
    const resized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT }));
    let isGone = false;
    const draw = async (): Promise<void> => {
      const { default: UPlot } = await import('uplot');
      if (isGone) return;
      const zone = (seconds: number): Date => {
        const date = new Date(seconds * 1000);
        return timeZone.value === 'UTC' ? UPlot.tzDate(date, 'UTC') : date;
      };
      plot = new UPlot({ ...optionsOf(element.clientWidth, data), tzDate: zone }, columnsOf(data), element);
      resized.observe(element);
    };
    void draw();
    return () => {
      isGone = true;
      resized.disconnect();
      plot?.destroy();
    };
  }, [data, theme.value, timeZone.value]);
  return <div ref={box} class="chart" role="img" aria-label={label} />;
}

function columnsOf({ times, lines, threshold, marked }: ChartData): uPlot.AlignedData {
  const columns: (number | null)[][] = lines.map(({ values }) => [...values]);
  if (threshold !== undefined) columns.push(times.map(() => threshold));
  if (marked !== undefined) {
    columns.push((lines[0]?.values ?? []).map((value, at) => (marked[at] === true ? value : null)));
  }
  return [[...times], ...columns];
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name);
}

const COLORS = ['--accent', '--s-number', '--s-key', '--s-string'] as const;
/** A line is told from others without its colour, too. */
const DASHES = [undefined, [6, 3], [2, 3], [10, 3, 2, 3]] as const;

function optionsOf(width: number, data: ChartData): uPlot.Options {
  const { times, lines, threshold, marked, bands = [] } = data;
  const line = color('--line');
  const axis = { stroke: color('--muted'), grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { range: () => spanOf(times) },
      y: { range: (_plot, low, high) => rangeOf(low, high, threshold) },
    },
    axes: [
      { ...axis, values: (_plot, splits) => timesOf(splits) },
      { ...axis, size: 64 },
    ],
    series: [
      {},
      ...lines.map((_, at): uPlot.Series => {
        const stroke = color(COLORS[at % COLORS.length] ?? COLORS[0]);
        const dash = DASHES[at % DASHES.length];
        return {
          stroke,
          width: 2,
          points: {
            show: times.length < 40,
            // A value between two that are missing would not be seen as a line.
            filter: (_plot, _line, isShown) => (isShown ? null : alone(lines[at]?.values ?? [])),
          },
          ...(dash !== undefined && { dash: [...dash] }),
          ...(lines.length === 1 && { fill: `${stroke}22` }),
        };
      }),
      ...(threshold === undefined
        ? []
        : [{ stroke: color('--bad'), width: 1.5, dash: [6, 4], points: { show: false } }]),
      ...(marked === undefined ? [] : [marks()]),
    ],
    hooks: { drawClear: [(plot) => drawBands(plot, bands)] },
  };
}

/** To the end of the last period. */
function spanOf(times: readonly number[]): [number, number] {
  const [first = 0, second = first + 1] = times;
  return [first, (times.at(-1) ?? first) + second - first];
}

function alone(values: ChartLine['values']): number[] {
  const isMissing = (at: number): boolean => (values[at] ?? null) === null;
  return values.flatMap((value, at) =>
    value !== null && isMissing(at - 1) && isMissing(at + 1) ? [at] : [],
  );
}

/** Points without a line. */
function marks(): uPlot.Series {
  const bad = color('--bad');
  return { paths: () => null, stroke: bad, points: { show: true, size: 8, stroke: bad, fill: bad } };
}

function drawBands(plot: uPlot, bands: NonNullable<ChartData['bands']>): void {
  const { left, top, width, height } = plot.bbox;
  plot.ctx.save();
  plot.ctx.fillStyle = color('--bad-soft');
  for (const [from, to] of bands) {
    const [begin, end] = [from, to].map((seconds) =>
      Math.min(left + width, Math.max(left, plot.valToPos(seconds, 'x', true))),
    );
    if (begin !== undefined && end !== undefined) plot.ctx.fillRect(begin, top, end - begin, height);
  }
  plot.ctx.restore();
}

/** In the chosen time zone, with the date where a day begins. */
function timesOf(splits: readonly number[]): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((seconds) => {
    const text = dateTime(seconds * 1000);
    const [date, time] = [text.slice(5, 10), text.slice(11, step < 60 ? 19 : 16)];
    return step >= DAY || time.startsWith('00:00') ? date : time;
  });
}

function rangeOf(low: number | null, high: number | null, threshold = 0): [number, number] {
  const top = Math.max(high ?? 0, threshold) * 1.1;
  return [Math.min(0, low ?? 0), top <= 0 ? 1 : top];
}
