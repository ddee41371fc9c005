import { cloudWatchLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import {
  alarmDatapoint,
  type AlarmDatapoint,
  evaluate,
  type Evaluation,
  evaluationRange,
  isBreachFinal,
} from './alarm-evaluation.ts';
import { stateReason, stateReasonData } from './alarm-reasons.ts';
import { type Alarm, alarmMetricKey } from './alarm.ts';
import type { Alarms } from './alarms.ts';
import type { MetricStore } from '../metrics/metric-store.ts';
import { emptySet, mergeInto, type StatisticSet } from '../metrics/statistic-set.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SHORT_INTERVAL_MS = 10_000;

/**
 * Evaluates alarms every minute on the clock, and those with shorter periods every ten seconds, shortly after the full
 * ten seconds so that their samples are stored. Also evaluates an alarm as soon as samples arrive that make the current
 * period breach whatever follows, so that it need not wait for the end of the period.
 */
export class AlarmWatch {
  readonly #alarms: Alarms;
  readonly #store: MetricStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #expireHistory: () => Promise<void>;
  readonly #unsubscribe: () => void;
  /** Alarms in early evaluation, and whether samples have arrived since it started. */
  readonly #early = new Map<string, { again: boolean }>();
  readonly #running = new Set<Promise<void>>();
  /** The last round that has started or waits for the previous one. */
  #last: Promise<void> = Promise.resolve();
  #waitingRounds = 0;
  #cancel: () => void = () => {};
  #closed = false;

  constructor(
    alarms: Alarms,
    store: MetricStore,
    clock: Clock,
    log: Log,
    expireHistory: () => Promise<void>,
  ) {
    this.#alarms = alarms;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#expireHistory = expireHistory;
    this.#unsubscribe = store.onSamples((keys) => this.#onSamples(keys));
    this.#schedule();
  }

  /** Resolves when all started evaluations are done. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    this.#unsubscribe();
    await this.settled();
  }

  #schedule(): void {
    const sinceMs = (this.#clock.now() - cloudWatchLimits.alarmEvaluationDelayMs) % SHORT_INTERVAL_MS;
    this.#cancel = this.#clock.schedule(SHORT_INTERVAL_MS - sinceMs, () => {
      if (this.#closed) return;
      const atMs = this.#clock.now() - cloudWatchLimits.alarmEvaluationDelayMs;
      this.#queueRound(atMs - (atMs % SHORT_INTERVAL_MS));
      this.#schedule();
    });
  }

  /**
   * Rounds run one after another, so that an older one never overwrites a newer result. A late round may be skipped.
   */
  #queueRound(atMs: number): void {
    if (this.#waitingRounds >= cloudWatchLimits.alarmRoundsWaitingMax) {
      this.#log.warn({ atMs }, 'alarm evaluation cannot keep up; a round was skipped');
      return;
    }
    this.#waitingRounds++;
    this.#last = this.#roundAfter(this.#last, atMs);
    this.#track(this.#last);
  }

  async #roundAfter(previous: Promise<void>, atMs: number): Promise<void> {
    await previous;
    this.#waitingRounds--;
    if (this.#closed) return;
    try {
      await this.#round(atMs);
    } catch (error) {
      this.#log.error({ err: error }, 'a round of alarm evaluation failed');
    }
  }

  /** Evaluates all alarms that are due at a full ten seconds. */
  async #round(atMs: number): Promise<void> {
    const isMinute = atMs % MINUTE_MS === 0;
    const due: string[] = [];
    for (const alarm of this.#alarms.all()) if (isMinute || alarm.periodSeconds < 60) due.push(alarm.name);
    const next = due.values();
    const lane = async (): Promise<void> => {
      for (const name of next) {
        const alarm = this.#alarms.get(name);
        if (alarm !== undefined) await this.#guarded(alarm, () => this.#evaluate(alarm, atMs));
      }
    };
    await Promise.all(Array.from({ length: cloudWatchLimits.alarmEvaluationsAtOnceMax }, lane));
    if (atMs % HOUR_MS === 0) await this.#expireHistory();
  }

  async #evaluate(alarm: Alarm, untilMs: number): Promise<void> {
    const range = await this.#range(alarm, untilMs);
    await this.#settle(
      alarm,
      evaluate(
        alarm,
        range.map((point) => point?.datapoint),
      ),
    );
  }

  /** Evaluates the current period now if its outcome is certain. Can only raise an alarm. */
  async #evaluateEarly(alarm: Alarm): Promise<void> {
    const intervalMs = alarm.periodSeconds < 60 ? SHORT_INTERVAL_MS : MINUTE_MS;
    const nowMs = this.#clock.now();
    const range = await this.#range(alarm, nowMs - (nowMs % intervalMs) + intervalMs);
    const newest = range.at(-1);
    if (newest === undefined || !isBreachFinal(alarm, newest.set)) return;
    const evaluation = evaluate(
      alarm,
      range.map((point) => point?.datapoint),
    );
    if (evaluation.outcome === 'ALARM') await this.#settle(alarm, evaluation);
  }

  async #settle(alarm: Alarm, evaluation: Evaluation): Promise<void> {
    const { outcome } = evaluation;
    if (outcome === 'retain' || outcome === alarm.state.value) return;
    await this.#alarms.transition(alarm, {
      value: outcome,
      reason: stateReason(alarm, alarm.state.value, outcome, evaluation),
      reasonData: stateReasonData(alarm, evaluation, this.#clock.now()),
    });
  }

  /** The evaluation range that ends at `untilMs`, oldest period first. */
  async #range(alarm: Alarm, untilMs: number): Promise<(RangePoint | undefined)[]> {
    const periods = evaluationRange(alarm.evaluationPeriods);
    const periodMs = alarm.periodSeconds * 1000;
    const startMs = untilMs - periods * periodMs;
    const found = await this.#store.query({
      key: alarmMetricKey(alarm),
      unit: alarm.unit,
      periodSeconds: alarm.periodSeconds,
      startMs,
      endMs: untilMs,
    });
    const sets: (StatisticSet | undefined)[] = Array.from({ length: periods }, () => undefined);
    for (const { beginMs, set } of found) {
      const index = (beginMs - startMs) / periodMs;
      mergeInto((sets[index] ??= emptySet()), set);
    }
    return sets.map((set, index) => {
      if (set === undefined) return undefined;
      const datapoint = alarmDatapoint(alarm, startMs + index * periodMs, set);
      return datapoint && { set, datapoint };
    });
  }

  #onSamples(keys: ReadonlySet<string>): void {
    if (this.#closed) return;
    for (const key of keys) {
      for (const alarm of this.#alarms.watching(key)) {
        const running = this.#early.get(alarm.name);
        if (running !== undefined) running.again = true;
        else if (alarm.state.value !== 'ALARM') this.#track(this.#evaluateEarlyUntilQuiet(alarm.name));
      }
    }
  }

  /** Repeats the evaluation while samples keep arriving: each may cross the threshold. */
  async #evaluateEarlyUntilQuiet(name: string): Promise<void> {
    const running = { again: true };
    this.#early.set(name, running);
    try {
      while (running.again && !this.#closed) {
        running.again = false;
        const alarm = this.#alarms.get(name);
        if (alarm === undefined || alarm.state.value === 'ALARM') return;
        await this.#guarded(alarm, () => this.#evaluateEarly(alarm));
      }
    } finally {
      this.#early.delete(name);
    }
  }

  /** A failed evaluation is logged and repeated a minute later; it must not stop the others. */
  async #guarded(alarm: Alarm, evaluation: () => Promise<void>): Promise<void> {
    try {
      await evaluation();
    } catch (error) {
      this.#log.error({ err: error, alarm: alarm.name }, 'could not evaluate an alarm');
    }
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#log.error({ err: error }, 'could not evaluate alarms'))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }
}

interface RangePoint {
  readonly set: StatisticSet;
  readonly datapoint: AlarmDatapoint;
}
