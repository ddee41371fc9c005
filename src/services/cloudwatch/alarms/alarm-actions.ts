import { parseArn } from '../../../aws/arn.ts';
import { isFinalFailure, type Targets } from '../../../aws/targets.ts';
import { limits } from '../../../limits.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import { sleep } from '../../../support/clock.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { actionsFor } from './alarm.ts';
import type { Alarm, AlarmState } from './alarm.ts';
import { actionTaken } from './alarm-history.ts';
import type { AlarmHistory } from './alarm-history.ts';
import { invocationEvent, notificationMessage, notificationSubject } from './alarm-notification.ts';

/** An action that has not been carried out yet. */
interface PendingAction {
  readonly alarmName: string;
  readonly arn: string;
  readonly kind: 'sns' | 'lambda';
  readonly subject: string;
  /** JSON text. */
  readonly message: string;
}

/** The kind of target of an ARN; undefined if alarms cannot notify it. */
export function actionKind(arn: string): 'sns' | 'lambda' | undefined {
  const kind = parseArn(arn)?.service;
  return kind === 'sns' || kind === 'lambda' ? kind : undefined;
}

/**
 * Carries out the actions of alarms when their state changes. Actions are rows, written in the same commit as the
 * state, so that none is lost. An action that was in progress when the server was killed is repeated.
 */
export class AlarmActions {
  readonly #catalog: Catalog;
  readonly #history: AlarmHistory;
  readonly #targets: Targets;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #table: Table<PendingAction>;
  readonly #closing = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #ordinal = 0;

  constructor(catalog: Catalog, history: AlarmHistory, targets: Targets, clock: Clock, log: Log) {
    this.#catalog = catalog;
    this.#history = history;
    this.#targets = targets;
    this.#clock = clock;
    this.#log = log;
    this.#table = catalog.table('cloudwatch.alarm-actions');
  }

  /** Stores the actions of the alarm's new state; `run` carries them out after the commit. */
  plan(transaction: Transaction, alarm: Alarm, before: AlarmState): void {
    if (!alarm.actionsEnabled) return;
    const { state } = alarm;
    for (const arn of actionsFor(alarm, state.value)) {
      const kind = actionKind(arn);
      if (kind === undefined) continue;
      const message =
        kind === 'sns'
          ? notificationMessage(alarm, state, before)
          : JSON.stringify(invocationEvent(alarm, state, before));
      const subject = notificationSubject(alarm, state);
      transaction.put(this.#table, this.#newKey(), { alarmName: alarm.name, arn, kind, subject, message });
    }
  }

  /** Starts all pending actions and returns at once. */
  run(): void {
    if (this.#closing.signal.aborted) return;
    for (const [key, action] of this.#table.entries()) {
      if (this.#running.size >= limits.alarmActionsAtOnceMax) return;
      if (this.#running.has(key)) continue;
      const done = this.#perform(key, action)
        .catch((error: unknown) => {
          this.#log.error(
            { err: error, alarm: action.alarmName },
            'an alarm action could not be written down as done',
          );
        })
        .finally(() => {
          this.#running.delete(key);
          if (this.#table.get(key) === undefined) this.run();
        });
      this.#running.set(key, done);
    }
  }

  /** Lets attempts in progress finish; pending actions continue after the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running.values());
  }

  async #perform(key: string, action: PendingAction): Promise<void> {
    const error = await this.#attempt(action);
    if (error === 'closing') return;
    if (error !== undefined) {
      this.#log.warn({ alarm: action.alarmName, action: action.arn, err: error }, 'an alarm action failed');
    }
    await this.#catalog.commit((transaction) => {
      transaction.delete(this.#table, key);
      this.#history.add(transaction, actionTaken(action.alarmName, action.arn, this.#clock.now(), error));
    });
  }

  /** Returns the error's text if the action failed permanently. */
  async #attempt({ arn, subject, message }: PendingAction): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#targets.deliver(arn, { subject, message });
        return undefined;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (isFinalFailure(error) || attempt >= limits.alarmActionAttemptsMax) return text;
      }
      await sleep(this.#clock, limits.alarmActionRetryMs * 2 ** (attempt - 1), this.#closing.signal);
      if (this.#closing.signal.aborted) return 'closing';
    }
  }

  /** Ordered by creation, across restarts too. */
  #newKey(): string {
    const time = this.#clock.now().toString().padStart(15, '0');
    return `${time}-${(this.#ordinal++).toString().padStart(12, '0')}`;
  }
}
