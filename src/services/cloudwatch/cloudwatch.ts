import type { Targets } from '../../aws/targets.ts';
import { register } from '../registration.ts';
import { describeMetricData } from './metrics/describe-records.ts';
import { openMetricPipeline, type MetricPipeline } from './metrics/pipeline.ts';
import type { Engine } from '../../engine/engine.ts';
import { cloudWatchLimits } from './limits.ts';
import { service, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { AlarmActions } from './alarms/alarm-actions.ts';
import { AlarmHistory } from './alarms/alarm-history.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { Alarms } from './alarms/alarms.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { alarmDeclarer, alarmsSection } from './alarms/declared.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { operations } from './operations/index.ts';

export interface CloudWatchOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly pipeline: MetricPipeline;
  readonly targets: Targets;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** The names of all topics, to which declared alarms may refer. */
  readonly topicNames?: () => readonly string[];
}

export interface CloudWatch {
  readonly service: Service;
  readonly declarer: Declarer;
  /** Stops evaluations and actions in progress; the remaining ones continue after the next start. */
  close(): Promise<void>;
}

export const cloudWatch = register({
  name: 'cloudwatch',
  // Alarms notify functions and topics, so these must be open as long as actions run.
  needs: ['metricPipeline', 'functions', 'topics'],
  offers: [],
  declares: [alarmsSection],
  async open(context, { metricPipeline: pipeline, topics }) {
    const opened = await openCloudWatch({ ...context, pipeline, topicNames: () => topics.names() });
    return {
      service: opened.service,
      declarer: opened.declarer,
      quiesce: () => opened.close(),
    };
  },
});

/** Stores the counters of the other services, so it opens before them and closes after them. */
export const metricPipeline = register({
  name: 'metrics',
  needs: [],
  offers: ['metricPipeline'],
  describeRecords: describeMetricData,
  async open(context) {
    const pipeline = await openMetricPipeline(context);
    return { offers: { metricPipeline: pipeline }, close: () => pipeline.close() };
  },
});

/** Opens the API of metrics, and alarms: evaluates them and executes their actions. */
export async function openCloudWatch(options: CloudWatchOptions): Promise<CloudWatch> {
  const { engine, clock, targets, log } = options;
  const { store } = options.pipeline;
  const history = new AlarmHistory(engine.catalog);
  const actions = await AlarmActions.open({ engine, history, targets, clock, log });
  const alarms = new Alarms(engine.catalog, clock, history, actions);
  const watch = new AlarmWatch(alarms, store, clock, log, () =>
    engine.catalog.commit((transaction) => history.expire(transaction, clock.now())),
  );
  actions.start();
  const context = { store, alarms, history, clock };
  const { region, accountId, topicNames = () => [] } = options;
  return {
    service: service('monitoring', api, operations, context, cloudWatchLimits.bodyBytesMax, { unsupported }),
    declarer: alarmDeclarer({ alarms, region, accountId, topicNames }),
    async close() {
      await watch.close();
      await actions.close();
    },
  };
}
