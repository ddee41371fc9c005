import { PageTokens } from '../../aws/page-token.ts';
import { invalidMarker } from './errors.ts';
import { lambdaLimits } from './limits.ts';

const tokens = new PageTokens({ invalid: invalidMarker });

/** One page of a list operation. `items` must be in the order of their keys. Throws InvalidParameterValueException. */
export function pageOf<Item>(
  operation: string,
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  {
    MaxItems: wanted = lambdaLimits.functionsPerPage,
    Marker: marker,
  }: { readonly MaxItems?: number; readonly Marker?: string },
): { readonly items: readonly Item[]; readonly next: { NextMarker?: string } } {
  const size = Math.min(wanted, lambdaLimits.functionsPerPage);
  const page = tokens.pageOf(operation, items, keyOf, size, marker);
  return { items: page.items, next: page.nextToken === undefined ? {} : { NextMarker: page.nextToken } };
}
