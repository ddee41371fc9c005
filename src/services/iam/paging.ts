import { PageTokens } from '../../aws/page-token.ts';
import { validationError } from './errors.ts';
import { iamLimits } from './limits.ts';

const tokens = new PageTokens({ invalid: () => validationError('Invalid Marker.') });

export interface PageRequest {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Of the output. */
  readonly end: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/**
 * A page of items in the order of their keys. `itemsAfter` yields those after a key. `list` distinguishes the markers
 * of different lists.
 */
export async function pageOf<Item>(
  list: string,
  { Marker, MaxItems = iamLimits.pageItems }: PageRequest,
  itemsAfter: (key: string | undefined) => AsyncIterable<Item> | Iterable<Item>,
  keyOfItem: (item: Item) => string,
): Promise<Page<Item>> {
  const after = Marker === undefined ? undefined : tokens.decode(list, Marker);
  if (after !== undefined && typeof after !== 'string') throw validationError('Invalid Marker.');
  const items: Item[] = [];
  for await (const item of itemsAfter(after)) {
    const last = items.at(-1);
    if (items.length === MaxItems && last !== undefined) {
      return { items, end: { IsTruncated: true, Marker: tokens.encode(list, keyOfItem(last)) } };
    }
    items.push(item);
  }
  return { items, end: { IsTruncated: false } };
}

/** A page of a list that is in memory. */
export function pageOfList<Item>(
  list: string,
  request: PageRequest,
  items: readonly Item[],
  keyOfItem: (item: Item) => string,
): Promise<Page<Item>> {
  const sorted = items.toSorted((a, b) => (keyOfItem(a) < keyOfItem(b) ? -1 : 1));
  const itemsAfter = (key: string | undefined): Item[] =>
    key === undefined ? sorted : sorted.filter((item) => keyOfItem(item) > key);
  return pageOf(list, request, itemsAfter, keyOfItem);
}

/** The end of a list that is always empty. Throws ValidationError for a marker: there is no second page. */
export async function emptyPage(list: string, request: PageRequest): Promise<Page<never>['end']> {
  return (await pageOfList<never>(list, request, [], String)).end;
}
