import { firstPage } from '../../protocol/first-page.ts';
import type { OperationTable } from '../../protocol/service.ts';
import type { ServiceAtStandby, StandbyContext } from '../registration.ts';
import { AlarmHistory } from './alarms/alarm-history.ts';
import { AlarmList } from './alarms/alarm-list.ts';
import { serviceOf } from './cloudwatch-service.ts';
import type { CloudWatchReads } from './context.ts';
import { Dashboards } from './dashboards/dashboards.ts';
import { MetricCopy } from './metrics/metric-copy.ts';
import { describeAlarmHistory } from './operations/describe-alarm-history.ts';
import { describeAlarms } from './operations/describe-alarms.ts';
import { describeAlarmsForMetric } from './operations/describe-alarms-for-metric.ts';
import { getDashboard } from './operations/get-dashboard.ts';
import { getMetricData } from './operations/get-metric-data.ts';
import { getMetricStatistics } from './operations/get-metric-statistics.ts';
import type { OperationName } from './operations/index.ts';
import { listDashboards } from './operations/list-dashboards.ts';
import { listMetrics } from './operations/list-metrics.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { taggedAlarms } from './tag-source.ts';

/** What a machine answers that follows the owner. */
const reads = {
  DescribeAlarmHistory: firstPage(describeAlarmHistory, ({ NextToken }) => NextToken),
  DescribeAlarms: describeAlarms,
  DescribeAlarmsForMetric: describeAlarmsForMetric,
  GetDashboard: getDashboard,
  GetMetricData: firstPage(getMetricData, ({ NextToken }) => NextToken),
  GetMetricStatistics: getMetricStatistics,
  ListDashboards: listDashboards,
  ListMetrics: listMetrics,
  ListTagsForResource: listTagsForResource,
} satisfies Partial<OperationTable<CloudWatchReads, OperationName>>;

/** Metrics, alarms and dashboards as they are in the copy of this machine. */
export function openAtStandby({
  engine,
  clock,
  watch,
  region,
  accountId,
  taggedResources,
}: StandbyContext): ServiceAtStandby {
  const store = new MetricCopy(engine, clock, watch);
  const alarms = new AlarmList(engine.catalog);
  const end = watch([alarms.table.name], (changed) => {
    for (const { key } of changed) alarms.follow(key);
  });
  const context: CloudWatchReads = {
    store,
    alarms,
    history: new AlarmHistory(engine.catalog),
    dashboards: new Dashboards(engine, clock),
    clock,
  };
  taggedResources.register('cloudwatch', { resources: () => taggedAlarms(context, accountId) });
  return {
    service: serviceOf({ region, accountId }, reads, context),
    async close() {
      end();
      store.close();
    },
  };
}
