import { needsNothing, unlimited } from '../../support/unlimited.ts';
import { Targets } from '../../../src/aws/targets.ts';
import { AlarmActions } from '../../../src/services/cloudwatch/alarms/alarm-actions.ts';
import { AlarmHistory } from '../../../src/services/cloudwatch/alarms/alarm-history.ts';
import { AlarmWatch } from '../../../src/services/cloudwatch/alarms/alarm-watch.ts';
import { Alarms } from '../../../src/services/cloudwatch/alarms/alarms.ts';
import { MetricStore, sampleOf } from '../../../src/services/cloudwatch/metrics/metric-store.ts';
import { addSample, emptySet } from '../../../src/services/cloudwatch/metrics/statistic-set.ts';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { unrecordedWork } from '../../../src/support/work-spans.ts';
import { temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

export const midnight = Date.UTC(2026, 0, 15);
export const MINUTE_MS = 60_000;

/** The stream that the alarms of these tests watch. */
export const incomingRecords = {
  namespace: 'AWS/Kinesis',
  name: 'IncomingRecords',
  dimensions: [{ name: 'StreamName', value: 'sample' }],
};

/** Topics and functions that remember what they are told. */
export class Recorder {
  readonly targets = new Targets(unlimited);
  readonly published: { readonly topicArn: string; readonly subject: string; readonly message: string }[] =
    [];
  readonly invoked: { readonly functionArn: string; readonly event: object }[] = [];
  /** Thrown instead of remembering, as long as it is set. */
  failure: Error | undefined;

  constructor() {
    this.targets.register('sns', {
      accepts: () => true,
      needs: needsNothing,
      deliver: async (topicArn, { subject = '', message }) => {
        if (this.failure !== undefined) throw this.failure;
        this.published.push({ topicArn, subject, message });
      },
    });
    this.targets.register('lambda', {
      accepts: () => true,
      needs: needsNothing,
      deliver: async (functionArn, { message }) => {
        if (this.failure !== undefined) throw this.failure;
        this.invoked.push({ functionArn, event: JSON.parse(message) as object });
      },
    });
  }
}

/** Metrics and alarms on a real engine and a clock that stands still until it is moved. */
export class World {
  readonly clock: ManualClock;
  readonly folder: string;
  engine: Engine;
  store: MetricStore;
  targets: Recorder;
  history: AlarmHistory;
  actions: AlarmActions;
  alarms: Alarms;
  watch: AlarmWatch;

  private constructor(
    clock: ManualClock,
    folder: string,
    engine: Engine,
    store: MetricStore,
    targets: Recorder,
    history: AlarmHistory,
    actions: AlarmActions,
  ) {
    this.clock = clock;
    this.folder = folder;
    this.engine = engine;
    this.store = store;
    this.targets = targets;
    this.history = history;
    this.actions = actions;
    this.alarms = new Alarms(engine.catalog, clock, this.history, this.actions);
    this.watch = new AlarmWatch(this.alarms, store, clock, silentLog, () => Promise.resolve());
    this.actions.start();
  }

  static async open(
    clock: ManualClock = new ManualClock(midnight),
    folder?: string,
    targets = new Recorder(),
  ): Promise<World> {
    const path = folder ?? (await temporaryFolder());
    const engine = await openEmbeddedEngine({ folder: path, clock, log: silentLog });
    const store = await MetricStore.open(engine, clock, silentLog);
    const history = new AlarmHistory(engine.catalog);
    const place = { region: 'us-east-1', accountId: '000000000000' };
    const log = silentLog;
    const actions = await AlarmActions.open({
      engine,
      history,
      targets: targets.targets,
      spans: unrecordedWork,
      clock,
      log,
      place,
    });
    return new World(clock, path, engine, store, targets, history, actions);
  }

  /** Without anybody who watches: a test may let years pass at once. */
  static async unwatched(): Promise<World> {
    const world = await World.open();
    await world.watch.close();
    return world;
  }

  /** The same data, opened again. */
  async reopened(): Promise<World> {
    await this.close();
    return World.open(this.clock, this.folder, this.targets);
  }

  async close(): Promise<void> {
    await this.watch.close();
    await this.actions.close();
    await this.store.close();
    await this.engine.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Samples of IncomingRecords, as of now or then. */
  add(values: readonly number[], timeMs = this.clock.now(), changes: object = {}): Promise<void> {
    const set = emptySet();
    for (const value of values) addSample(set, value);
    return this.store.add([
      sampleOf(incomingRecords, { timeMs, unit: 'Count', set, highResolution: false, ...changes }),
    ]);
  }

  /** Resolves when `condition` holds; what is waited for happens on the disk, whose time is real. */
  async until(condition: () => boolean, what: string): Promise<void> {
    await until(condition, { what });
  }
}
