import type { HttpRequest } from '../http/message.ts';
import { metricDataQueries, type MetricQuery } from '../support/metric-queries.ts';
import { badRequest } from './answers.ts';
import type { Caller } from './caller.ts';
import { member, numberOf, textOf } from './input.ts';
import { consoleLimits } from './limits.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface SeriesRequest {
  /** Lines of the chart: metrics that CloudWatch has stored. */
  readonly metrics: readonly MetricQuery[];
  /** How far back. */
  readonly rangeSeconds: number;
  /** Of an alarm: a chart has its periods, or a multiple of them. 0 for none. */
  readonly periodSeconds: number;
}

/** Values at regular times, the oldest first; null where there is none. */
export interface MetricSeries {
  /** Seconds. */
  readonly from: number;
  readonly periodSeconds: number;
  /** In the order of the request. */
  readonly series: readonly (readonly (number | null)[])[];
  readonly isDenied: boolean;
}

/** CloudWatch keeps values of less than a minute for three hours, of minutes for 15 days, of five for 63 days. */
const PERIODS = [10, 60, 300, 900, 3600, 6 * 3600, 24 * 3600];
const PERIOD_MAX = 48 * 3600;
/** What a period of less than a minute may be. */
const SHORT_PERIODS = [1, 5, 10, 20, 30];
const MINUTE = 60;
const SECONDS_KEPT = 3 * 3600;

export function seriesRequestOf(input: unknown): SeriesRequest {
  const metrics = member(input, 'metrics');
  if (!Array.isArray(metrics) || metrics.length === 0 || metrics.length > consoleLimits.chartMetricsMax) {
    throw badRequest(`"metrics" must be a list of 1 to ${consoleLimits.chartMetricsMax} metrics.`);
  }
  const rangeSeconds = numberOf(input, 'rangeSeconds', 3 * 3600);
  if (rangeSeconds < MINUTE || rangeSeconds > consoleLimits.chartRangeSecondsMax) {
    throw badRequest(`"rangeSeconds" must be from ${MINUTE} to ${consoleLimits.chartRangeSecondsMax}.`);
  }
  const periodSeconds = numberOf(input, 'periodSeconds', 0);
  if (periodSeconds % MINUTE !== 0 && !SHORT_PERIODS.includes(periodSeconds)) {
    throw badRequest('"periodSeconds" must be 1, 5, 10, 20, 30 or a multiple of 60.');
  }
  return { metrics: metrics.map(queryOf), rangeSeconds, periodSeconds };
}

function queryOf(input: unknown): MetricQuery {
  const dimensions = member(input, 'dimensions') ?? {};
  return {
    namespace: textOf(input, 'namespace'),
    name: textOf(input, 'name'),
    dimensions: Object.fromEntries(
      Object.keys(dimensions).map((name) => [name, textOf(dimensions, name)] as const),
    ),
    statistic: textOf(input, 'statistic'),
  };
}

/** The period of a chart: no finer than what is kept of its range, and with a bounded number of points. */
export function periodOf({ rangeSeconds, periodSeconds: given }: Omit<SeriesRequest, 'metrics'>): number {
  const leastSeconds = Math.max(
    rangeSeconds / consoleLimits.chartPointsMax,
    rangeSeconds > SECONDS_KEPT ? MINUTE : 1,
  );
  if (given === 0) return PERIODS.find((period) => period >= leastSeconds) ?? PERIOD_MAX;
  const short = SHORT_PERIODS.find((period) => period >= leastSeconds && period % given === 0);
  const base = given < MINUTE ? MINUTE : given;
  return short ?? base * Math.ceil(leastSeconds / base);
}

/** What the caller may read of the metrics. */
export async function metricSeries(
  { calls, clock }: Views,
  caller: Caller,
  http: HttpRequest,
  request: SeriesRequest,
): Promise<MetricSeries> {
  const periodSeconds = periodOf(request);
  const count = Math.ceil(request.rangeSeconds / periodSeconds);
  // The last period is the present one, which is not over yet.
  const end = (Math.floor(clock.now() / 1000 / periodSeconds) + 1) * periodSeconds;
  const from = end - count * periodSeconds;
  const MetricDataQueries = metricDataQueries(request.metrics, periodSeconds);
  const answer = await answerTo<{
    readonly MetricDataResults?: readonly {
      readonly Id: string;
      readonly Timestamps?: readonly number[];
      readonly Values?: readonly number[];
    }[];
  }>(calls, caller, http, 'monitoring', 'GetMetricData', {
    StartTime: from,
    EndTime: end,
    ScanBy: 'TimestampAscending',
    MetricDataQueries,
  });
  const series = request.metrics.map(() => Array.from<number | null>({ length: count }).fill(null));
  for (const { Id, Timestamps = [], Values = [] } of answer?.MetricDataResults ?? []) {
    const values = series[Number(Id.slice(1))];
    for (const [at, time] of Timestamps.entries()) {
      const place = (time - from) / periodSeconds;
      if (values !== undefined && Number.isInteger(place)) values[place] = Values[at] ?? null;
    }
  }
  return { from, periodSeconds, series, isDenied: answer === undefined };
}

/** How often a chart is drawn again: a few times in each of its periods. */
export function seriesRefreshMs(request: SeriesRequest): number {
  const { refreshMs, chartRefreshMsMax } = consoleLimits;
  return Math.min(chartRefreshMsMax, Math.max(refreshMs, (periodOf(request) * 1000) / 4));
}
