import type { DimensionFilter, ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import { cloudWatchLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { notSupported } from '../errors.ts';
import { namespacePrefix } from '../metrics/metric-identity.ts';
import { dimensionsOutput } from '../metrics/metric-input.ts';
import type { MetricRow } from '../metrics/series.ts';
import { pageTokens } from '../page-tokens.ts';

const PAGE_SIZE = 500;
const RECENTLY_MS = 3 * 3_600_000;

/**
 * Lists metrics with samples in the last two weeks (or three hours: RecentlyActive), immediately after the first
 * sample. A dimension filter matches metrics that have this dimension among others, as on AWS. There are no linked
 * accounts.
 */
export async function listMetrics(
  { store, clock }: CloudWatchReads,
  input: Checked<ListMetricsInput>,
  call: CallContext,
): Promise<ListMetricsOutput> {
  if (input.IncludeLinkedAccounts === true) throw notSupported('IncludeLinkedAccounts');
  if (input.OwningAccount !== undefined && input.OwningAccount !== call.accountId) {
    throw notSupported('OwningAccount of another account');
  }
  await store.upToDate();
  const sinceMs =
    clock.now() - (input.RecentlyActive === undefined ? cloudWatchLimits.metricListedMs : RECENTLY_MS);
  function* matching(): Generator<readonly [string, MetricRow]> {
    const prefix = input.Namespace === undefined ? undefined : namespacePrefix(input.Namespace);
    for (const [key, row] of store.rows.entries(prefix)) {
      if (input.MetricName !== undefined && row.name !== input.MetricName) continue;
      if (!(input.Dimensions ?? []).every((filter) => hasDimension(row, filter))) continue;
      if (store.lastSampleMs(key) >= sinceMs) yield [key, row];
    }
  }
  const { items, nextToken } = pageTokens.pageOf(
    'ListMetrics',
    matching(),
    ([key]) => key,
    PAGE_SIZE,
    input.NextToken,
  );
  return {
    Metrics: items.map(([, { namespace, name, dimensions }]) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensionsOutput(dimensions),
    })),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function hasDimension({ dimensions }: MetricRow, { Name, Value }: Checked<DimensionFilter>): boolean {
  return dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value));
}
