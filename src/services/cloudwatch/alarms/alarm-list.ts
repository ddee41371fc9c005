import type { Catalog, Table } from '../../../engine/catalog.ts';
import { type Alarm, alarmMetricKey } from './alarm.ts';

/** The alarms as their rows are, and indexed by their metric. */
export class AlarmList {
  readonly table: Table<Alarm>;
  readonly #metricOf = new Map<string, string>();
  readonly #byMetric = new Map<string, Set<string>>();

  constructor(catalog: Pick<Catalog, 'table'>) {
    this.table = catalog.table('cloudwatch.alarms');
    for (const [name] of this.table.entries()) this.follow(name);
  }

  get(name: string): Alarm | undefined {
    return this.table.get(name);
  }

  /** Ordered by name. */
  *all(prefix?: string): Generator<Alarm> {
    for (const [, alarm] of this.table.entries(prefix)) yield alarm;
  }

  /** The alarms that watch a metric. */
  *watching(metricKey: string): Generator<Alarm> {
    for (const name of this.#byMetric.get(metricKey) ?? []) {
      const alarm = this.table.get(name);
      if (alarm !== undefined) yield alarm;
    }
  }

  /** Adapts the index when an alarm was put or deleted. */
  follow(name: string): void {
    const alarm = this.table.get(name);
    const before = this.#metricOf.get(name);
    const after = alarm === undefined ? undefined : alarmMetricKey(alarm);
    if (before === after) return;
    if (before !== undefined) {
      const names = this.#byMetric.get(before);
      names?.delete(name);
      if (names?.size === 0) this.#byMetric.delete(before);
      this.#metricOf.delete(name);
    }
    if (after === undefined) return;
    this.#metricOf.set(name, after);
    const names = this.#byMetric.get(after);
    if (names === undefined) this.#byMetric.set(after, new Set([name]));
    else names.add(name);
  }
}
