import type { TagSource } from '../../aws/tagged-resources.ts';
import type { Targets } from '../../aws/targets.ts';
import { register } from '../registration.ts';
import { describeMetricData } from './metrics/describe-records.ts';
import { openMetricPipeline, type MetricPipeline } from './metrics/pipeline.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Service } from '../../protocol/service.ts';
import { callersTraces, type RequestTraces } from '../../protocol/trace-context.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { unrecordedWork, type WorkSpans } from '../../support/work-spans.ts';
import { AlarmActions } from './alarms/alarm-actions.ts';
import { AlarmHistory } from './alarms/alarm-history.ts';
import { AlarmWatch } from './alarms/alarm-watch.ts';
import { Alarms } from './alarms/alarms.ts';
import { alarmDeclarer, alarmsSection } from './alarms/declared.ts';
import { Dashboards } from './dashboards/dashboards.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { cloudWatchTags } from './tag-source.ts';
import { operations } from './operations/index.ts';
import { serviceOf } from './cloudwatch-service.ts';
import { openAtStandby } from './standby.ts';

export interface CloudWatchOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly pipeline: MetricPipeline;
  readonly targets: Targets;
  readonly region: string;
  readonly accountId: string;
  readonly log: Log;
  /** Of actions; by default they only pass on the trace of what causes them. */
  readonly spans?: WorkSpans;
  /** The traces of the requests that set states; by default those that callers name. */
  readonly traces?: RequestTraces;
  /** The names of all topics, to which declared alarms may refer. */
  readonly topicNames?: () => readonly string[];
}

export interface CloudWatch {
  readonly service: Service;
  readonly declarer: Declarer;
  readonly tags: TagSource;
  /** Resumes the actions that an earlier run left. */
  start(): void;
  /** Stops evaluations and actions in progress; the remaining ones continue after the next start. */
  close(): Promise<void>;
}

export const cloudWatch = register({
  name: 'cloudwatch',
  // Alarms notify functions and topics, so these must be open as long as actions run.
  needs: ['metricPipeline', 'functions', 'topics'],
  offers: [],
  declares: [alarmsSection],
  atStandby: { needs: [], offers: [], open: async (context) => openAtStandby(context) },
  async open(context, { metricPipeline: pipeline, topics }) {
    const opened = await openCloudWatch({ ...context, pipeline, topicNames: () => topics.names() });
    context.taggedResources.register('cloudwatch', opened.tags);
    return {
      service: opened.service,
      declarer: opened.declarer,
      start: () => opened.start(),
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
    return {
      offers: { metricPipeline: pipeline },
      quiesce: async () => pipeline.quiesce(),
      close: () => pipeline.close(),
    };
  },
});

/** Opens the API of metrics, and alarms: evaluates them and executes their actions. */
export async function openCloudWatch(options: CloudWatchOptions): Promise<CloudWatch> {
  const { engine, clock, targets, log, spans = unrecordedWork, traces = callersTraces } = options;
  const { store } = options.pipeline;
  const { region, accountId, topicNames = () => [] } = options;
  const place = { region, accountId };
  const history = new AlarmHistory(engine.catalog);
  const actions = await AlarmActions.open({ engine, history, targets, spans, clock, log, place });
  const alarms = new Alarms(engine.catalog, clock, history, actions);
  const watch = new AlarmWatch(alarms, store, clock, log, () =>
    engine.catalog.commit((transaction) => history.expire(transaction, clock.now())),
  );
  const dashboards = new Dashboards(engine, clock);
  const context = { store, alarms, history, dashboards, clock, traces };
  return {
    service: serviceOf(place, operations, context),
    tags: cloudWatchTags(context, accountId),
    declarer: alarmDeclarer({ alarms, dashboards, region, accountId, topicNames }),
    start: () => actions.start(),
    async close() {
      await watch.close();
      await actions.close();
    },
  };
}
