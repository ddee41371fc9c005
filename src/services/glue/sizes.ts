import { glueLimits } from './limits.ts';

/** Rows are replaced, never changed. */
const sizes = new WeakMap<object, number>();

/** Characters of the input of a database or table, as JSON. */
export function sizeOf(row: { readonly input: object }): number {
  let size = sizes.get(row);
  if (size === undefined) sizes.set(row, (size = JSON.stringify(row.input).length));
  return size;
}

/** How many of the items fit on a page; one at least. */
export function fittingOf(items: readonly { readonly input: object }[]): number {
  let size = 0;
  const tooFar = items.findIndex((item) => (size += sizeOf(item)) > glueLimits.pageCharactersMax);
  return tooFar < 0 ? items.length : Math.max(1, tooFar);
}
