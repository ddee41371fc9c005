import type { Section } from '../config/declarations.ts';
import type { Declarer, Removable, Resource } from '../declarations/plan.ts';
import type { Catalog, Table } from '../engine/catalog.ts';
import type { DeclaredNames } from '../services/registration.ts';

/** A row per declared resource; the key is the resource as JSON. */
type DeclaredRow = Readonly<Record<string, never>>;

/** Remembers what was declared, to find what no longer is. */
export class DeclaredBefore {
  readonly #catalog: Catalog;
  readonly #rows: Table<DeclaredRow>;
  readonly #declarers: ReadonlyMap<string, Declarer>;

  constructor(catalog: Catalog, declarers: ReadonlyMap<string, Declarer>) {
    this.#catalog = catalog;
    this.#rows = rowsIn(catalog);
    this.#declarers = declarers;
  }

  /** Existing resources that were declared before and are not among these; those that refer to others come first. */
  async kept(declared: readonly Resource[]): Promise<Resource[]> {
    const kept: Resource[] = [];
    for (const resource of this.#undeclared(declared)) {
      if ((await this.find(resource)) !== undefined) kept.push(resource);
    }
    return kept;
  }

  async find(resource: Resource): Promise<Removable | undefined> {
    return await this.#declarers.get(resource[0] ?? '')?.find(resource);
  }

  /** Remembers these, and forgets resources that are neither among them nor exist. */
  async remember(declared: readonly Resource[]): Promise<{ kept: Resource[]; gone: Resource[] }> {
    const kept = await this.kept(declared);
    const gone = this.#undeclared(declared).filter(
      (resource) => !kept.some((one) => keyOf(one) === keyOf(resource)),
    );
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

/** For machines that follow the owner. */
export function declaredNames(
  catalog: Pick<Catalog, 'table'>,
  { name: section }: Section<unknown>,
): DeclaredNames {
  const rows = rowsIn(catalog);
  return {
    has: (name) => rows.get(keyOf([section, name])) !== undefined,
    areAny() {
      for (const [key] of rows.entries(keyOf([section]).replace(/]$/, ','))) {
        if (resourceOf(key).length === 2) return true;
      }
      return false;
    },
  };
}

function rowsIn(catalog: Pick<Catalog, 'table'>): Table<DeclaredRow> {
  return catalog.table('server.declared');
}

function keyOf(resource: Resource): string {
  return JSON.stringify(resource);
}

function resourceOf(key: string): Resource {
  // `keyOf` created it.
  return JSON.parse(key) as string[];
}
