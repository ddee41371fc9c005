import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { limits } from '../../../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { invalidNextToken, notSupported, validationError } from '../errors.ts';
import { metricKey } from '../metrics/metric-identity.ts';
import type { MetricName } from '../metrics/metric-identity.ts';
import { checkPeriod, metricNameOf } from '../metrics/metric-input.ts';
import type { MetricStore } from '../metrics/metric-store.ts';
import { emptySet, isStatistic, mergeInto, statisticOf } from '../metrics/statistic-set.ts';
import type { Statistic, StatisticSet } from '../metrics/statistic-set.ts';

interface Query {
  readonly id: string;
  readonly label: string;
  readonly metric: MetricName;
  readonly unit: string | undefined;
  readonly periodSeconds: number;
  readonly statistic: Statistic;
}

/**
 * Values of several metrics at once, newest first unless ScanBy says otherwise; periods begin at multiples of their
 * length. Samples of all units add up when no unit is asked for. Always complete: there is no second page.
 * Expressions (metric math, Metrics Insights), percentiles and labels with placeholders are refused.
 */
export async function getMetricData(
  { store }: CloudWatchContext,
  input: Checked<GetMetricDataInput>,
  call: CallContext,
): Promise<GetMetricDataOutput> {
  if (input.NextToken !== undefined) throw invalidNextToken();
  if (input.LabelOptions !== undefined) throw notSupported('LabelOptions');
  const startMs = input.StartTime.getTime();
  const endMs = input.EndTime.getTime();
  if (startMs >= endMs) {
    throw validationError('The parameter StartTime must be less than the parameter EndTime.');
  }
  const queries = parseQueries(input.MetricDataQueries, call.accountId);
  const most = Math.min(
    input.MaxDatapoints ?? limits.metricDataDatapointsMax,
    limits.metricDataDatapointsMax,
  );
  let datapoints = 0;
  for (const { periodSeconds } of queries)
    datapoints += Math.ceil((endMs - startMs) / (periodSeconds * 1000));
  if (datapoints > most) {
    throw validationError(
      `You have requested up to ${datapoints} datapoints, which exceeds the limit of ${most}. Reduce the time range or the number of queries, or increase Period.`,
    );
  }
  const descending = input.ScanBy !== 'TimestampAscending';
  const results: MetricDataResult[] = [];
  for (const query of queries) results.push(await run(store, query, startMs, endMs, descending));
  return { MetricDataResults: results, Messages: [] };
}

function parseQueries(given: readonly Checked<MetricDataQuery>[], accountId: string): Query[] {
  if (given.length > limits.metricDataQueriesMax) {
    throw validationError(
      `The collection MetricDataQueries must not have a size greater than ${limits.metricDataQueriesMax}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id } of given) {
    if (!/^[a-z][A-Za-z0-9_]*$/.test(Id)) {
      throw validationError(
        `The value ${Id} for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      );
    }
    if (ids.has(Id)) throw validationError(`The id ${Id} is used more than once in MetricDataQueries.`);
    ids.add(Id);
  }
  return given.filter((query) => query.ReturnData !== false).map((query) => parseQuery(query, accountId));
}

function parseQuery(query: Checked<MetricDataQuery>, accountId: string): Query {
  if (query.Expression !== undefined) throw notSupported('Expression (metric math and Metrics Insights)');
  if (query.AccountId !== undefined && query.AccountId !== accountId) {
    throw notSupported('AccountId of another account');
  }
  const { MetricStat: wanted } = query;
  if (wanted === undefined) {
    throw validationError(`The query ${query.Id} must have either a MetricStat or an Expression.`);
  }
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = wanted.Metric;
  if (namespace === undefined || name === undefined) {
    throw validationError(`The metric of the query ${query.Id} must have a Namespace and a MetricName.`);
  }
  if (!isStatistic(wanted.Stat)) throw notSupported(`the statistic ${wanted.Stat}`);
  if (query.Label?.includes('${') === true) throw notSupported('placeholders in Label');
  checkPeriod(wanted.Period, `MetricDataQueries.${query.Id}.MetricStat.Period`);
  return {
    id: query.Id,
    label: query.Label ?? name,
    metric: metricNameOf(namespace, name, dimensions),
    unit: wanted.Unit,
    periodSeconds: wanted.Period,
    statistic: wanted.Stat,
  };
}

async function run(
  store: MetricStore,
  { id, label, metric, unit, periodSeconds, statistic }: Query,
  startMs: number,
  endMs: number,
  descending: boolean,
): Promise<MetricDataResult> {
  const alignedMs = startMs - (startMs % (periodSeconds * 1000));
  const found = await store.query({ key: metricKey(metric), unit, periodSeconds, startMs: alignedMs, endMs });
  const sets = new Map<number, StatisticSet>();
  for (const { beginMs, set } of found) {
    const present = sets.get(beginMs) ?? emptySet();
    mergeInto(present, set);
    sets.set(beginMs, present);
  }
  const points = [...sets];
  if (descending) points.reverse();
  return {
    Id: id,
    Label: label,
    Timestamps: points.map(([beginMs]) => new Date(beginMs)),
    Values: points.map(([, set]) => statisticOf(set, statistic)),
    StatusCode: 'Complete',
  };
}
