import { invalidParameter } from './errors.ts';

const PAGE_SIZE = 100;

/** The next hundred items after the one that the token names by its ARN; `items` are in the order of their ARNs. */
export function page<Item extends { readonly arn: string }>(
  items: Iterable<Item>,
  token: string | undefined,
): { readonly items: readonly Item[]; readonly next: { readonly NextToken?: string } } {
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== undefined && !after.startsWith('arn:')) throw invalidParameter('NextToken');
  const found: Item[] = [];
  for (const item of items) {
    if (item.arn <= after) continue;
    const last = found.at(-1);
    if (found.length === PAGE_SIZE && last !== undefined) {
      return { items: found, next: { NextToken: Buffer.from(last.arn).toString('base64url') } };
    }
    found.push(item);
  }
  return { items: found, next: {} };
}
