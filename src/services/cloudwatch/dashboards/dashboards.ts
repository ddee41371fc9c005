import type { Tags } from '../../../aws/tags.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Table } from '../../../engine/catalog.ts';
import type { DiskTable } from '../../../engine/tables.ts';
import type { Clock } from '../../../support/clock.ts';
import { dashboardNotFound, limitExceeded, resourceNotFoundException } from '../errors.ts';
import { cloudWatchLimits } from '../limits.ts';

export interface Dashboard {
  readonly name: string;
  readonly modifiedMs: number;
  readonly bytes: number;
  readonly tags: Tags;
}

interface DashboardBody {
  readonly body: string;
}

/** Dashboards as clients put them. Their bodies are on disk. */
export class Dashboards {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #rows: Table<Dashboard>;
  readonly #bodies: DiskTable<DashboardBody>;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#rows = engine.catalog.table('cloudwatch.dashboards');
    this.#bodies = engine.tables.open('cloudwatch.dashboardBodies');
  }

  get(name: string): Dashboard | undefined {
    return this.#rows.get(name);
  }

  /** Ordered by name. */
  *all(prefix?: string): Generator<Dashboard> {
    for (const [, row] of this.#rows.entries(prefix)) yield row;
  }

  /** Throws ResourceNotFound. */
  async body(name: string): Promise<string> {
    const row = this.#rows.get(name) === undefined ? undefined : await this.#bodies.get(name);
    if (row === undefined) throw dashboardNotFound(name);
    return row.body;
  }

  /** Creates or replaces a dashboard. An existing one keeps its tags. Throws LimitExceeded. */
  async put(name: string, body: string, tags: Tags): Promise<void> {
    await this.#engine.catalog.commit((transaction) => {
      const present = transaction.get(this.#rows, name);
      if (present === undefined && this.#rows.size >= cloudWatchLimits.dashboardsMax) {
        throw limitExceeded(`nagare keeps at most ${cloudWatchLimits.dashboardsMax} dashboards`);
      }
      transaction.put(this.#rows, name, {
        name,
        modifiedMs: this.#clock.now(),
        bytes: Buffer.byteLength(body),
        tags: present?.tags ?? tags,
      });
      transaction.put(this.#bodies, name, { body });
    });
  }

  /** Throws ResourceNotFoundException. */
  async changeTags(name: string, change: (tags: Tags) => Tags): Promise<void> {
    await this.#engine.catalog.commit((transaction) => {
      const row = transaction.get(this.#rows, name);
      if (row === undefined) throw resourceNotFoundException('dashboard', name);
      transaction.put(this.#rows, name, { ...row, tags: change(row.tags) });
    });
  }

  /** Deletes all of them or none. Throws ResourceNotFound. */
  async delete(names: readonly string[]): Promise<void> {
    await this.#engine.catalog.commit((transaction) => {
      for (const name of new Set(names)) {
        if (transaction.get(this.#rows, name) === undefined) throw dashboardNotFound(name);
        transaction.delete(this.#rows, name);
        transaction.delete(this.#bodies, name);
      }
    });
  }
}
