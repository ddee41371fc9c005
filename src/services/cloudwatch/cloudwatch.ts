import type { Engine } from '../../engine/engine.ts';
import { limits } from '../../limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { service } from '../../protocol/service.ts';
import type { Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { AlarmActions } from './alarms/alarm-actions.ts';
import type { AlarmTargets } from './alarms/alarm-actions.ts';
import { AlarmHistory } from './alarms/alarm-history.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { Alarms } from './alarms/alarms.ts';
import absent from './absent.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { Collector } from './metrics/collector.ts';
import { alarmDeclarer } from './alarms/declare-alarm.ts';
import type { AlarmDeclarer } from './alarms/declare-alarm.ts';
import { MetricStore } from './metrics/metric-store.ts';
import { operations } from './operations/index.ts';

export interface MetricKeeperOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Where the services count. */
  readonly metrics: MetricRegistry;
  readonly log: Log;
}

/** Keeps what the services count. */
export interface MetricPipeline {
  readonly store: MetricStore;
  /** Takes what was counted up to now; resolves when it is durable. */
  collect(): Promise<void>;
  /** Takes the last samples, so close it after the services that count and before the engine. */
  close(): Promise<void>;
}

export async function openMetricKeeper(options: MetricKeeperOptions): Promise<MetricPipeline> {
  const { engine, clock, metrics, log } = options;
  const store = await MetricStore.open(engine, clock, log);
  const collector = new Collector(metrics, store, clock, log);
  return {
    store,
    collect: () => collector.collect(),
    async close() {
      await collector.close();
      await store.close();
    },
  };
}

export interface CloudWatchOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly keeper: MetricPipeline;
  readonly targets: AlarmTargets;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
}

export interface CloudWatch {
  readonly service: Service;
  /** Of a declaration, before any is carried out. */
  readonly checkAlarm: AlarmDeclarer['check'];
  /** Creates or changes an alarm so that it is as declared; its state stays. Throws ServiceError as PutMetricAlarm. */
  readonly declareAlarm: AlarmDeclarer['declare'];
  /** Ends evaluations and actions under way; what was still to be done is done after the next start. */
  close(): Promise<void>;
}

/** Metrics as an API, and alarms: watches over what is kept, and tells whom alarms name. */
export function openCloudWatch(options: CloudWatchOptions): CloudWatch {
  const { engine, clock, targets, log } = options;
  const { store } = options.keeper;
  const history = new AlarmHistory(engine.catalog);
  const actions = new AlarmActions(engine.catalog, history, targets, clock, log);
  const alarms = new Alarms(engine.catalog, clock, history, actions);
  const watch = new AlarmWatch(alarms, store, clock, log, () =>
    engine.catalog.commit((transaction) => history.expire(transaction, clock.now())),
  );
  actions.run();
  const context = { store, alarms, history, clock };
  const declarer = alarmDeclarer(alarms, options.region, options.accountId);
  return {
    service: service('monitoring', api, operations, context, limits.cloudWatchBodyBytesMax, { absent }),
    checkAlarm: declarer.check,
    declareAlarm: declarer.declare,
    async close() {
      await watch.close();
      await actions.close();
    },
  };
}
