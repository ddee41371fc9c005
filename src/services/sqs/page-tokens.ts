import { PageTokens } from '../../aws/page-token.ts';
import { invalidParameter, invalidValue } from './errors.ts';
import { sqsLimits } from './limits.ts';

const tokens = new PageTokens({ invalid: () => invalidParameter('Invalid NextToken value.') });

/** A page of queues, ordered by name. A token is only given to those who ask for pages, as on AWS. */
export function pageOf<Item extends { readonly name: string }>(
  operation: string,
  items: Iterable<Item>,
  { MaxResults: most, NextToken: token }: { readonly MaxResults?: number; readonly NextToken?: string },
): { readonly items: readonly Item[]; readonly next: { readonly NextToken?: string } } {
  if (most !== undefined && (most < 1 || most > sqsLimits.pageQueuesMax)) {
    throw invalidValue(most, 'MaxResults', 'MaxResults must be an integer between 1 and 1000.');
  }
  if (token !== undefined && most === undefined) {
    throw invalidParameter('MaxResults must be provided when NextToken is specified.');
  }
  const page = tokens.pageOf(operation, items, ({ name }) => name, most ?? sqsLimits.pageQueuesMax, token);
  const isPaged = most !== undefined && page.nextToken !== undefined;
  return { items: page.items, next: isPaged ? { NextToken: page.nextToken } : {} };
}
