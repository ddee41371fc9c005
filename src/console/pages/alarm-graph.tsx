import { useMemo } from 'preact/hooks';
import type { AlarmMetric, AlarmRow } from '../alarms.ts';
import type { MetricSeries } from '../metric-series.ts';
import { call } from './api.ts';
import { Chart, type ChartData } from './chart.tsx';
import { number } from './format.ts';
import { ChartTable, labelOf, timesOf } from './metric-charts.tsx';
import { RangeChoice, type RangeId, rangeOf } from './range.tsx';
import { Problem, useCall, useLive } from './ui.tsx';

interface StateUpdate {
  /** Seconds. */
  readonly Timestamp: number;
  /** JSON. */
  readonly HistoryData: string;
}

interface States {
  readonly oldState: { readonly stateValue: string };
  readonly newState: { readonly stateValue: string };
}

const UPDATES_MAX = 100;

/** The metric of an alarm with its threshold; breaching periods are marked, and the times in ALARM. */
export function AlarmGraph({ alarm, metric }: { readonly alarm: AlarmRow; readonly metric: AlarmMetric }) {
  const { name, namespace, statistic, periodSeconds, threshold } = metric;
  const fallback = fallbackOf(periodSeconds);
  const range = rangeOf(fallback);
  const dimensions = Object.fromEntries(metric.dimensions.map(({ Name, Value }) => [Name, Value]));
  const { data, problem } = useLive<MetricSeries>({
    topic: 'metrics',
    metrics: [{ namespace, name, dimensions, statistic }],
    rangeSeconds: range.seconds,
    periodSeconds,
  });
  const history = useCall(
    () =>
      call<{ AlarmHistoryItems?: StateUpdate[] }>('monitoring', 'DescribeAlarmHistory', {
        AlarmName: alarm.name,
        HistoryItemType: 'StateUpdate',
        MaxRecords: UPDATES_MAX,
      }),
    [alarm.name, alarm.sinceMs],
  );
  const updates = history.data?.AlarmHistoryItems;
  const drawn = useMemo(
    () => data && drawnOf(data, metric, updates ?? [], alarm.state),
    [data, updates, alarm.state],
  );
  return (
    <>
      <RangeChoice fallback={fallback} />
      <Problem text={problem ?? history.problem} />
      {drawn !== undefined && (
        <>
          <Chart
            label={labelOf(`${statistic} of ${name}, with the threshold ${number(threshold)}`, drawn)}
            data={drawn}
          />
          <p class="muted small">
            {drawn.marked === undefined
              ? `Each point is of ${number(data?.periodSeconds ?? 0)} s, more than a period of the alarm: periods that breach are not marked.`
              : 'Points mark the periods that breach.'}{' '}
            The background marks the time in ALARM.
          </p>
          <ChartTable
            data={drawn}
            text={number}
            note={{
              title: 'Breaches',
              of: (at) => (drawn.marked?.[at] === true ? 'breaches' : ''),
            }}
          />
        </>
      )}
    </>
  );
}

/** Some 180 periods. */
function fallbackOf(periodSeconds: number): RangeId {
  if (periodSeconds < 60) return '1h';
  if (periodSeconds === 60) return '3h';
  if (periodSeconds <= 300) return '1d';
  return periodSeconds <= 3600 ? '1w' : '12w';
}

function drawnOf(
  data: MetricSeries,
  metric: AlarmMetric,
  updates: readonly StateUpdate[],
  state: string,
): ChartData {
  const values = data.series[0] ?? [];
  const times = timesOf(data);
  const from = data.from;
  const to = from + times.length * data.periodSeconds;
  const marked = values.map((value) => value !== null && breaches(metric, value));
  return {
    times,
    lines: [{ label: metric.statistic, values }],
    threshold: metric.threshold,
    bands: timesInAlarm(updates, state, from, to),
    ...(data.periodSeconds === metric.periodSeconds && { marked }),
  };
}

function breaches({ comparison, threshold }: AlarmMetric, value: number): boolean {
  if (comparison === 'GreaterThanThreshold') return value > threshold;
  if (comparison === 'GreaterThanOrEqualToThreshold') return value >= threshold;
  if (comparison === 'LessThanThreshold') return value < threshold;
  return comparison === 'LessThanOrEqualToThreshold' && value <= threshold;
}

/** Updates are the newest first. */
function timesInAlarm(updates: readonly StateUpdate[], state: string, from: number, to: number) {
  const bands: (readonly [number, number])[] = [];
  let until = to;
  let after = state;
  for (const { Timestamp, HistoryData } of updates) {
    if (after === 'ALARM') bands.push([Timestamp, until]);
    until = Timestamp;
    after = (JSON.parse(HistoryData) as States).oldState.stateValue;
    if (Timestamp < from) return bands;
  }
  if (after === 'ALARM') bands.push([from, until]);
  return bands;
}
