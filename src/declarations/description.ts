/** What a service has, for `nagare declare`. */
export interface Description {
  /** Content of its sections of `nagare.yaml`, by resource, or the names in a section of names. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, unknown>> | readonly string[]>>;
  readonly imports: readonly TerraformImport[];
  /** What `nagare.yaml` cannot declare. */
  readonly undeclared: readonly Undeclared[];
}

/** A resource of Terraform, and the ID by which it is imported. */
export interface TerraformImport {
  readonly type: string;
  /** Any text: it becomes a name in the module. */
  readonly name: string;
  readonly id: string;
}

export interface Undeclared {
  /** Such as `topics.orders`. */
  readonly resource: string;
  /** Such as `its tags`. */
  readonly what: string;
}

/** Leaves out members that are undefined, and empty objects and lists. */
export function compact(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value)));
}

/** One of the members that are there and not empty, in words. */
export function undeclaredParts(
  resource: string,
  parts: Readonly<Record<string, unknown>>,
): readonly Undeclared[] {
  return Object.entries(parts).flatMap(([what, value]) => (isEmpty(value) ? [] : [{ resource, what }]));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** In the order of their keys, which is the same on every server; identifiers made at random are not. */
export function ordered<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): Item[] {
  return [...items].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

/** What all services have. */
export function merged(descriptions: readonly Description[]): Description {
  return {
    sections: Object.assign({}, ...descriptions.map(({ sections }) => sections)),
    imports: descriptions.flatMap(({ imports }) => imports),
    undeclared: descriptions.flatMap(({ undeclared }) => undeclared),
  };
}
