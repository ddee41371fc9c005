import { PageTokens } from '../../aws/page-token.ts';
import { invalidParameter } from './errors.ts';

const PAGE_SIZE = 100;
const tokens = new PageTokens({ invalid: () => invalidParameter('NextToken') });

/** The next hundred items after the one that the token names; `items` must be ordered by ARN. */
export function pageOf<Item extends { readonly arn: string }>(
  operation: string,
  items: Iterable<Item>,
  token: string | undefined,
): { readonly items: readonly Item[]; readonly next: { readonly NextToken?: string } } {
  const page = tokens.pageOf(operation, items, ({ arn }) => arn, PAGE_SIZE, token);
  return { items: page.items, next: page.nextToken === undefined ? {} : { NextToken: page.nextToken } };
}
