import { cloudWatchLimits } from '../limits.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import type { Clock } from '../../../support/clock.ts';
import type { QueueMessage } from '../../../queue/message.ts';
import type { AlarmAction, AlarmActions } from './alarm-actions.ts';
import { type AlarmHistory, configurationUpdate, stateUpdate } from './alarm-history.ts';
import { initialReason } from './alarm-reasons.ts';
import { type Alarm, alarmMetricKey, type AlarmState } from './alarm.ts';
import { limitExceeded, resourceNotFound } from '../errors.ts';

/** An alarm's configuration: everything but its state. */
export type AlarmConfiguration = Omit<Alarm, 'state' | 'configuredMs'>;

export type NewState = Pick<AlarmState, 'value' | 'reason' | 'reasonData'>;

/** The alarms, durable, and indexed by their metric. */
export class Alarms {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #history: AlarmHistory;
  readonly #actions: AlarmActions;
  readonly #table: Table<Alarm>;
  readonly #byMetric = new Map<string, Set<string>>();

  constructor(catalog: Catalog, clock: Clock, history: AlarmHistory, actions: AlarmActions) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#history = history;
    this.#actions = actions;
    this.#table = catalog.table('cloudwatch.alarms');
    for (const [, alarm] of this.#table.entries()) this.#watch(alarm);
  }

  get(name: string): Alarm | undefined {
    return this.#table.get(name);
  }

  /** Ordered by name. */
  *all(prefix?: string): Generator<Alarm> {
    for (const [, alarm] of this.#table.entries(prefix)) yield alarm;
  }

  /** The alarms that watch a metric. */
  *watching(metricKey: string): Generator<Alarm> {
    for (const name of this.#byMetric.get(metricKey) ?? []) {
      const alarm = this.#table.get(name);
      if (alarm !== undefined) yield alarm;
    }
  }

  /** Creates an alarm, or replaces everything but its state and its tags. Throws LimitExceeded. */
  async put(configuration: AlarmConfiguration): Promise<void> {
    const nowMs = this.#clock.now();
    const [before, after] = await this.#catalog.commit((transaction) => {
      const present = transaction.get(this.#table, configuration.name);
      if (present === undefined && this.#table.size >= cloudWatchLimits.alarmsMax) {
        throw limitExceeded(`nagare keeps at most ${cloudWatchLimits.alarmsMax} alarms`);
      }
      const state = present?.state ?? initialState(nowMs);
      const tags = present?.tags ?? configuration.tags;
      const alarm = { ...configuration, configuredMs: nowMs, state, tags };
      transaction.put(this.#table, alarm.name, alarm);
      const what = present === undefined ? 'Create' : 'Update';
      this.#history.add(transaction, configurationUpdate(alarm, what, nowMs));
      return [present, alarm] as const;
    });
    if (before !== undefined) this.#unwatch(before);
    this.#watch(after);
  }

  /** Deletes all of them or none. Throws ResourceNotFound when one does not exist. */
  async delete(names: readonly string[]): Promise<void> {
    const nowMs = this.#clock.now();
    const deleted = await this.#catalog.commit((transaction) =>
      [...new Set(names)].map((name) => {
        const alarm = this.#require(transaction, name);
        transaction.delete(this.#table, name);
        this.#history.add(transaction, configurationUpdate(alarm, 'Delete', nowMs));
        return alarm;
      }),
    );
    for (const alarm of deleted) this.#unwatch(alarm);
  }

  /** Changes members other than the state. Unknown names are ignored, or ResourceNotFound when `required`. */
  async update(names: readonly string[], change: (alarm: Alarm) => Alarm, required = false): Promise<void> {
    await this.#catalog.commit((transaction) => {
      for (const name of names) {
        const alarm = required ? this.#require(transaction, name) : transaction.get(this.#table, name);
        if (alarm !== undefined) transaction.put(this.#table, name, change(alarm));
      }
    });
  }

  /** Sets the state by hand; a changed state executes its actions. Throws ResourceNotFound. */
  async setState(name: string, state: NewState): Promise<void> {
    const actions = await this.#catalog.commit((transaction) =>
      // AWS's error has no message here, as recorded in LocalStack's test_set_alarm_invalid_input.
      this.#change(transaction, this.#require(transaction, name, ''), state),
    );
    this.#actions.begin(actions);
  }

  /** Applies the result of an evaluation, unless the alarm was changed or deleted meanwhile. */
  async transition(evaluated: Alarm, state: NewState): Promise<void> {
    const actions = await this.#catalog.commit((transaction) => {
      const alarm = transaction.get(this.#table, evaluated.name);
      if (alarm === undefined || alarm.configuredMs !== evaluated.configuredMs) return [];
      if (alarm.state.value !== evaluated.state.value) return [];
      return this.#change(transaction, alarm, state);
    });
    this.#actions.begin(actions);
  }

  /** State, history and pending actions are one commit, so that a crash loses none of them. */
  #change(
    transaction: Transaction,
    alarm: Alarm,
    { value, reason, reasonData }: NewState,
  ): QueueMessage<AlarmAction>[] {
    const before = alarm.state;
    const nowMs = this.#clock.now();
    const isTransition = value !== before.value;
    const state: AlarmState = {
      value,
      reason,
      ...(reasonData === undefined ? {} : { reasonData }),
      updatedMs: nowMs,
      transitionedMs: isTransition ? nowMs : before.transitionedMs,
    };
    const after = { ...alarm, state };
    transaction.put(this.#table, alarm.name, after);
    if (!isTransition) return [];
    this.#history.add(transaction, stateUpdate(after, before, state));
    return this.#actions.plan(transaction, after, before);
  }

  #require(transaction: Transaction, name: string, missing = `Alarm ${name} does not exist`): Alarm {
    const alarm = transaction.get(this.#table, name);
    if (alarm === undefined) throw resourceNotFound(missing);
    return alarm;
  }

  #watch(alarm: Alarm): void {
    const key = alarmMetricKey(alarm);
    const names = this.#byMetric.get(key);
    if (names === undefined) this.#byMetric.set(key, new Set([alarm.name]));
    else names.add(alarm.name);
  }

  #unwatch(alarm: Alarm): void {
    const key = alarmMetricKey(alarm);
    const names = this.#byMetric.get(key);
    names?.delete(alarm.name);
    if (names?.size === 0) this.#byMetric.delete(key);
  }
}

function initialState(nowMs: number): AlarmState {
  return { value: 'INSUFFICIENT_DATA', reason: initialReason, updatedMs: nowMs, transitionedMs: nowMs };
}
