import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { cloudWatchLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import { notSupported, validationError } from '../errors.ts';
import type { MetricName } from './metric-identity.ts';
import { checkPeriod, metricNameOf } from './metric-input.ts';
import type { Statistic } from './statistic-set.ts';
import { parseStatistic } from './statistic.ts';

/** One query of GetMetricData. */
export interface MetricDataRequest extends ParsedQuery {
  readonly label: string;
}

interface ParsedQuery {
  readonly id: string;
  readonly label: string | undefined;
  readonly metric: MetricName;
  readonly unit: string | undefined;
  readonly periodSeconds: number;
  readonly statistic: Statistic;
}

/** Checks the queries of GetMetricData, and returns those with ReturnData. Throws ValidationError. */
export function parseQueries(
  given: readonly Checked<MetricDataQuery>[],
  accountId: string,
): MetricDataRequest[] {
  if (given.length > cloudWatchLimits.metricDataQueriesMax) {
    throw validationError(
      `The collection MetricDataQueries must not have a size greater than ${cloudWatchLimits.metricDataQueriesMax}.`,
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
  return withLabels(
    given.flatMap((query, index) =>
      query.ReturnData === false ? [] : [parseQuery(query, index + 1, accountId)],
    ),
  );
}

/** `position` is its place in the list, from 1. */
function parseQuery(query: Checked<MetricDataQuery>, position: number, accountId: string): ParsedQuery {
  if (query.Expression !== undefined) throw notSupported('Expression (metric math and Metrics Insights)');
  if (query.AccountId !== undefined && query.AccountId !== accountId) {
    throw notSupported('AccountId of another account');
  }
  const { MetricStat: wanted } = query;
  if (wanted === undefined) {
    throw validationError(`The query ${query.Id} must have either a MetricStat or an Expression.`);
  }
  if (query.Period !== undefined && query.Period !== wanted.Period) {
    throw notSupported('a Period beside that of the MetricStat');
  }
  const { Namespace: namespace, MetricName: name, Dimensions: dimensions } = wanted.Metric;
  if (namespace === undefined || name === undefined) {
    throw validationError(`The metric of the query ${query.Id} must have a Namespace and a MetricName.`);
  }
  const statistic = parseStatistic(wanted.Stat);
  if (statistic === undefined) {
    throw validationError(
      `The value ${wanted.Stat} for parameter MetricDataQueries.member.${position}.MetricStat.Stat is not a valid statistic.`,
    );
  }
  if (query.Label?.includes('${') === true) throw notSupported('placeholders in Label');
  checkPeriod(wanted.Period, `MetricDataQueries.${query.Id}.MetricStat.Period`);
  return {
    id: query.Id,
    label: query.Label,
    metric: metricNameOf(namespace, name, dimensions),
    unit: wanted.Unit,
    periodSeconds: wanted.Period,
    statistic,
  };
}

/**
 * A query without a label gets its metric's name, followed by what distinguishes it from other queries with that name:
 * the statistic, the period. As recorded on AWS (LocalStack's snapshots test_label_generation).
 */
function withLabels(queries: readonly ParsedQuery[]): MetricDataRequest[] {
  const named = new Map<string, { statistics: Set<string>; periods: Set<number> }>();
  for (const { metric, label, statistic, periodSeconds } of queries) {
    if (label !== undefined) continue;
    const present = named.get(metric.name) ?? { statistics: new Set(), periods: new Set() };
    present.statistics.add(statistic.name);
    present.periods.add(periodSeconds);
    named.set(metric.name, present);
  }
  return queries.map((query) => {
    const { metric, statistic, periodSeconds } = query;
    const alike = named.get(metric.name);
    const parts: (string | number)[] = [metric.name];
    if (alike !== undefined && alike.statistics.size > 1) parts.push(statistic.name);
    if (alike !== undefined && alike.periods.size > 1) parts.push(periodSeconds);
    return { ...query, label: query.label ?? parts.join(' ') };
  });
}
