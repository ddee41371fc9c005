import type { Catalog } from '../../../engine/catalog.ts';
import type { LogId, RecordRange } from '../../../engine/engine.ts';
import type { MetricRow } from './series.ts';

/** Names the metric that records of a log belong to. */
export function describeMetricData(
  catalog: Pick<Catalog, 'table'>,
  { log, count }: RecordRange,
): string | undefined {
  const journal = catalog.table<{ readonly journal: LogId }>('cloudwatch.store').get('store')?.journal;
  if (journal === log) return `${count} ${count === 1 ? 'entry' : 'entries'} of recent metric data`;
  for (const [, { namespace, name, dimensions, logs }] of catalog
    .table<MetricRow>('cloudwatch.metrics')
    .entries()) {
    if (!Object.values(logs).includes(log)) continue;
    const of = dimensions.map((dimension) => `, ${dimension.name} ${dimension.value}`).join('');
    return `metric ${namespace} ${name}${of}, ${count} ${count === 1 ? 'block' : 'blocks'} of data`;
  }
  return undefined;
}
