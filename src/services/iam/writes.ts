import type { Transaction } from '../../engine/catalog.ts';
import type { DiskTable } from '../../engine/tables.ts';

/** How many entities there are; a table on disk does not know how many rows it has. */
export interface Counts {
  readonly user: number;
  readonly group: number;
  readonly role: number;
  readonly policy: number;
  readonly 'instance-profile': number;
}

export type EntityKind = keyof Counts;

export const noCounts: Counts = { user: 0, group: 0, role: 0, policy: 0, 'instance-profile': 0 };

/** The writes of one change, stored together at its end. */
export class Writes {
  readonly #steps: ((transaction: Transaction) => void)[] = [];
  readonly #added: Partial<Record<EntityKind, number>> = {};

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  put<Row extends object>(table: DiskTable<Row>, key: string, row: Row): void {
    this.#steps.push((transaction) => transaction.put(table, key, row));
  }

  delete<Row extends object>(table: DiskTable<Row>, key: string): void {
    this.#steps.push((transaction) => transaction.delete(table, key));
  }

  count(kind: EntityKind, added: 1 | -1): void {
    this.#added[kind] = (this.#added[kind] ?? 0) + added;
  }

  store(transaction: Transaction): void {
    for (const step of this.#steps) step(transaction);
  }

  countsAfter(counts: Counts): Counts {
    const after = { ...counts };
    for (const kind of ['user', 'group', 'role', 'policy', 'instance-profile'] as const) {
      after[kind] += this.#added[kind] ?? 0;
    }
    return after;
  }
}
