import type { Clock } from '../../support/clock.ts';
import type { AlarmHistory } from './alarms/alarm-history.ts';
import type { Alarms } from './alarms/alarms.ts';
import type { MetricStore } from './metrics/metric-store.ts';

/** The state and dependencies of the operations. */
export interface CloudWatchContext {
  readonly store: MetricStore;
  readonly alarms: Alarms;
  readonly history: AlarmHistory;
  readonly clock: Clock;
}
