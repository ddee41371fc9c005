import type { Declarer, Removable, Resource } from '../declarations/plan.ts';
import type { Catalog, Table } from '../engine/catalog.ts';

/** A row per declared resource; the key is the resource as JSON. */
type DeclaredRow = Readonly<Record<string, never>>;

/** Remembers what was declared, to find what no longer is. */
export class DeclaredBefore {
  readonly #catalog: Catalog;
  readonly #rows: Table<DeclaredRow>;
  readonly #declarers: ReadonlyMap<string, Declarer>;

  constructor(catalog: Catalog, declarers: ReadonlyMap<string, Declarer>) {
    this.#catalog = catalog;
    this.#rows = catalog.table('server.declared');
    this.#declarers = declarers;
  }

  /** Existing resources that were declared before and are not among these; those that refer to others come first. */
  kept(declared: readonly Resource[]): Resource[] {
    return this.#undeclared(declared).filter((resource) => this.find(resource) !== undefined);
  }

  find(resource: Resource): Removable | undefined {
    return this.#declarers.get(resource[0] ?? '')?.find(resource);
  }

  /** Remembers these, and forgets resources that are neither among them nor exist. */
  async remember(declared: readonly Resource[]): Promise<{ kept: Resource[]; gone: Resource[] }> {
    const undeclared = this.#undeclared(declared);
    const gone = undeclared.filter((resource) => this.find(resource) === undefined);
    const kept = undeclared.filter((resource) => !gone.includes(resource));
    const added = declared.map(keyOf).filter((key) => this.#rows.get(key) === undefined);
    if (added.length > 0 || gone.length > 0) {
      await this.#catalog.commit((transaction) => {
        for (const key of added) transaction.put(this.#rows, key, {});
        for (const resource of gone) transaction.delete(this.#rows, keyOf(resource));
      });
    }
    return { kept, gone };
  }

  #undeclared(declared: readonly Resource[]): Resource[] {
    const now = new Set(declared.map(keyOf));
    const order = [...this.#declarers.keys()];
    const rank = ([section = '', ...rest]: Resource): number =>
      rest.length * order.length + order.indexOf(section);
    return [...this.#rows.entries()]
      .flatMap(([key]) => (now.has(key) ? [] : [resourceOf(key)]))
      .toSorted((left, right) => rank(right) - rank(left));
  }
}

function keyOf(resource: Resource): string {
  return JSON.stringify(resource);
}

function resourceOf(key: string): Resource {
  // `keyOf` created it.
  return JSON.parse(key) as string[];
}
