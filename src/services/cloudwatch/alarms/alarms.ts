import { cloudWatchLimits } from '../limits.ts';
import type { Catalog, Transaction } from '../../../engine/catalog.ts';
import type { Clock } from '../../../support/clock.ts';
import type { QueueMessage } from '../../../queue/message.ts';
import type { TraceContext } from '../../../support/trace-context.ts';
import type { AlarmAction, AlarmActions } from './alarm-actions.ts';
import { type AlarmHistory, configurationUpdate, stateUpdate } from './alarm-history.ts';
import { initialReason } from './alarm-reasons.ts';
import type { Alarm, AlarmState } from './alarm.ts';
import { AlarmList } from './alarm-list.ts';
import { limitExceeded, resourceNotFound } from '../errors.ts';

/** An alarm's configuration: everything but its state. */
export type AlarmConfiguration = Omit<Alarm, 'state' | 'configuredMs'>;

export type NewState = Pick<AlarmState, 'value' | 'reason' | 'reasonData'>;

/** The alarms of the machine that evaluates them and changes them. */
export class Alarms extends AlarmList {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #history: AlarmHistory;
  readonly #actions: AlarmActions;

  constructor(catalog: Catalog, clock: Clock, history: AlarmHistory, actions: AlarmActions) {
    super(catalog);
    this.#catalog = catalog;
    this.#clock = clock;
    this.#history = history;
    this.#actions = actions;
  }

  /** Creates an alarm, or replaces everything but its state and, as PutMetricAlarm, its tags. Throws LimitExceeded. */
  async put(configuration: AlarmConfiguration, { replacesTags = false } = {}): Promise<void> {
    const nowMs = this.#clock.now();
    await this.#catalog.commit((transaction) => {
      const present = transaction.get(this.table, configuration.name);
      if (present === undefined && this.table.size >= cloudWatchLimits.alarmsMax) {
        throw limitExceeded(`nagare keeps at most ${cloudWatchLimits.alarmsMax} alarms`);
      }
      const state = present?.state ?? initialState(nowMs);
      const tags = (replacesTags ? undefined : present?.tags) ?? configuration.tags;
      const alarm = { ...configuration, configuredMs: nowMs, state, tags };
      transaction.put(this.table, alarm.name, alarm);
      const what = present === undefined ? 'Create' : 'Update';
      this.#history.add(transaction, configurationUpdate(alarm, what, nowMs));
    });
    this.follow(configuration.name);
  }

  /** Deletes all of them or none. Throws ResourceNotFound when one does not exist. */
  async delete(names: readonly string[]): Promise<void> {
    const nowMs = this.#clock.now();
    await this.#catalog.commit((transaction) => {
      for (const name of new Set(names)) {
        const alarm = this.#require(transaction, name);
        transaction.delete(this.table, name);
        this.#history.add(transaction, configurationUpdate(alarm, 'Delete', nowMs));
      }
    });
    for (const name of names) this.follow(name);
  }

  /** Changes members other than the state. Unknown names are ignored, or ResourceNotFound when `required`. */
  async update(names: readonly string[], change: (alarm: Alarm) => Alarm, required = false): Promise<void> {
    await this.#catalog.commit((transaction) => {
      for (const name of names) {
        const alarm = required ? this.#require(transaction, name) : transaction.get(this.table, name);
        if (alarm !== undefined) transaction.put(this.table, name, change(alarm));
      }
    });
  }

  /** Sets the state by hand; a changed state executes its actions. Throws ResourceNotFound. */
  async setState(name: string, state: NewState, trace?: TraceContext): Promise<void> {
    const actions = await this.#catalog.commit((transaction) =>
      // AWS's error has no message here, as recorded in LocalStack's test_set_alarm_invalid_input.
      this.#change(transaction, this.#require(transaction, name, ''), state, trace),
    );
    this.#actions.begin(actions);
  }

  /** Applies the result of an evaluation, unless the alarm was changed or deleted meanwhile. */
  async transition(evaluated: Alarm, state: NewState): Promise<void> {
    const actions = await this.#catalog.commit((transaction) => {
      const alarm = transaction.get(this.table, evaluated.name);
      if (alarm === undefined || alarm.configuredMs !== evaluated.configuredMs) return [];
      if (alarm.state.value !== evaluated.state.value) return [];
      return this.#change(transaction, alarm, state, undefined);
    });
    this.#actions.begin(actions);
  }

  /** State, history and pending actions are one commit, so that a crash loses none of them. */
  #change(
    transaction: Transaction,
    alarm: Alarm,
    { value, reason, reasonData }: NewState,
    trace: TraceContext | undefined,
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
    transaction.put(this.table, alarm.name, after);
    if (!isTransition) return [];
    this.#history.add(transaction, stateUpdate(after, before, state));
    return this.#actions.plan(transaction, after, before, trace);
  }

  #require(transaction: Transaction, name: string, missing = `Alarm ${name} does not exist`): Alarm {
    const alarm = transaction.get(this.table, name);
    if (alarm === undefined) throw resourceNotFound(missing);
    return alarm;
  }
}

function initialState(nowMs: number): AlarmState {
  return { value: 'INSUFFICIENT_DATA', reason: initialReason, updatedMs: nowMs, transitionedMs: nowMs };
}
