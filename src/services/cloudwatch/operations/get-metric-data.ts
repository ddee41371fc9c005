import type { GetMetricDataInput, GetMetricDataOutput, MetricDataResult } from '@aws-sdk/client-cloudwatch';
import { cloudWatchLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { invalidNextToken, notSupported, validationError } from '../errors.ts';
import { type MetricDataRequest, parseQueries } from '../metrics/metric-data-queries.ts';
import { metricKey } from '../metrics/metric-identity.ts';
import type { MetricReads } from '../metrics/metric-query.ts';
import { emptySet, mergeInto, type StatisticSet } from '../metrics/statistic-set.ts';
import { pageTokens } from '../page-tokens.ts';

const OPERATION = 'GetMetricData';

/** Where a page starts: at a datapoint of a query. */
interface Position {
  readonly query: number;
  readonly datapoint: number;
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
  readonly descending: boolean;
}

type Datapoint = readonly [beginMs: number, value: number];

/**
 * Returns values of several metrics, newest first unless ScanBy says otherwise; periods begin at multiples of their
 * length. Without a unit, samples of all units are combined. A page has at most MaxDatapoints values, query after
 * query; a query that is cut has PartialData and continues on the next page. Percentiles (`p99.9`) and the other extended
 * statistics (`tm90`, `WM(10%:90%)`, `PR(:300)`, `IQM`, ...) are computed of a distribution, to within 1 to 6 %
 * (docs/metrics.md); a period of which it is not known, as of statistic sets that clients put, has none. Expressions (metric math,
 * Metrics Insights) and labels with placeholders are refused.
 */
export async function getMetricData(
  { store }: CloudWatchReads,
  input: Checked<GetMetricDataInput>,
  call: CallContext,
): Promise<GetMetricDataOutput> {
  if (input.LabelOptions !== undefined) throw notSupported('LabelOptions');
  const startMs = input.StartTime.getTime();
  const endMs = input.EndTime.getTime();
  if (startMs >= endMs) {
    throw validationError('The parameter StartTime must be less than the parameter EndTime.');
  }
  const given = input.MaxDatapoints ?? cloudWatchLimits.metricDataDatapointsMax;
  if (given < 1) throw validationError('The parameter MaxDatapoints must be greater than 0.');
  const queries = parseQueries(input.MetricDataQueries, call.accountId);
  const window = { startMs, endMs, descending: input.ScanBy !== 'TimestampAscending' };
  const most = Math.min(given, cloudWatchLimits.metricDataDatapointsMax);
  return await page(store, queries, window, most, positionOf(input.NextToken));
}

function positionOf(token: string | undefined): Position {
  if (token === undefined) return { query: 0, datapoint: 0 };
  const page = pageTokens.decode(OPERATION, token);
  if (!Array.isArray(page)) throw invalidNextToken();
  const [query, datapoint]: unknown[] = page;
  if (!isIndex(query) || !isIndex(datapoint)) throw invalidNextToken();
  return { query, datapoint };
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Queries before the page are not run again; its first query is, without the datapoints returned before. */
async function page(
  store: MetricReads,
  queries: readonly MetricDataRequest[],
  window: Window,
  most: number,
  from: Position,
): Promise<GetMetricDataOutput> {
  const results: MetricDataResult[] = [];
  let left = most;
  for (const [index, query] of queries.entries()) {
    if (index < from.query) continue;
    const begin = index === from.query ? from.datapoint : 0;
    const rest = (await run(store, query, window)).slice(begin);
    if (rest.length > left) {
      if (left > 0) results.push(resultOf(query, rest.slice(0, left), 'PartialData'));
      const next = pageTokens.encode(OPERATION, [index, begin + left]);
      return { MetricDataResults: results, Messages: [], NextToken: next };
    }
    left -= rest.length;
    results.push(resultOf(query, rest, 'Complete'));
  }
  return { MetricDataResults: results, Messages: [] };
}

async function run(
  store: MetricReads,
  { metric, unit, periodSeconds, statistic }: MetricDataRequest,
  { startMs, endMs, descending }: Window,
): Promise<Datapoint[]> {
  const alignedMs = startMs - (startMs % (periodSeconds * 1000));
  const found = await store.query({ key: metricKey(metric), unit, periodSeconds, startMs: alignedMs, endMs });
  const sets = new Map<number, StatisticSet>();
  for (const { beginMs, set } of found) {
    const present = sets.get(beginMs) ?? emptySet();
    mergeInto(present, set);
    sets.set(beginMs, present);
  }
  const points = [...sets].flatMap(([beginMs, set]): Datapoint[] => {
    const value = statistic.valueOf(set);
    return value === undefined ? [] : [[beginMs, value]];
  });
  return descending ? points.toReversed() : points;
}

function resultOf(
  { id, label }: MetricDataRequest,
  points: readonly Datapoint[],
  StatusCode: 'Complete' | 'PartialData',
): MetricDataResult {
  return {
    Id: id,
    Label: label,
    Timestamps: points.map(([beginMs]) => new Date(beginMs)),
    Values: points.map(([, value]) => value),
    StatusCode,
  };
}
