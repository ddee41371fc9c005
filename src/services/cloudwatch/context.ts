import type { Clock } from '../../support/clock.ts';
import type { RequestTraces } from '../../protocol/trace-context.ts';
import type { AlarmHistory } from './alarms/alarm-history.ts';
import type { AlarmList } from './alarms/alarm-list.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { Dashboards } from './dashboards/dashboards.ts';
import type { MetricReads } from './metrics/metric-query.ts';
import type { MetricStore } from './metrics/metric-store.ts';

/** What operations need that only read. */
export interface CloudWatchReads {
  readonly store: MetricReads;
  readonly alarms: AlarmList;
  readonly history: Pick<AlarmHistory, 'entries'>;
  readonly dashboards: Pick<Dashboards, 'get' | 'all' | 'body'>;
  readonly clock: Clock;
}

/** The state and dependencies of the operations. */
export interface CloudWatchContext extends CloudWatchReads {
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly history: AlarmHistory;
  readonly dashboards: Dashboards;
  readonly traces: RequestTraces;
}
