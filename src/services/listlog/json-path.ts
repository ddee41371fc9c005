/** A path into a JSON value: `user.name`, `items[0].id`, `['odd.name']`, with or without a leading `$.`. */
export type JsonPath = readonly (string | number)[];

/** Returns undefined for an invalid path. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const steps: (string | number)[] = [];
  let rest = text.startsWith('$') ? text.slice(1) : `.${text}`;
  if (text.startsWith('[')) rest = text;
  while (rest !== '') {
    const match = /^\.([^.[\]'"{}\s]+)|^\[(\d+)\]|^\['((?:[^'\\]|\\.)*)'\]|^\["((?:[^"\\]|\\.)*)"\]/.exec(
      rest,
    );
    if (match === null) return undefined;
    const [whole, name, index, single, double] = match;
    steps.push(
      index === undefined ? (name ?? (single ?? double ?? '').replaceAll(/\\(.)/g, '$1')) : Number(index),
    );
    rest = rest.slice(whole.length);
  }
  return steps.length === 0 ? undefined : steps;
}

/** Returns the value at the path, or undefined. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}
