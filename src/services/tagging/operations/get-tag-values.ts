import type { GetTagValuesInput, GetTagValuesOutput } from '../api-types.ts';
import { type Handler, pageTokens, tokenIn } from '../context.ts';
import { taggingLimits } from '../limits.ts';

/** Lists the values that tags with a key have. */
export const getTagValues: Handler<GetTagValuesInput, GetTagValuesOutput> = (
  { tagged },
  { Key, PaginationToken },
) => {
  const values = tagged.all().flatMap(({ tags }) => (Object.hasOwn(tags, Key) ? [tags[Key] ?? ''] : []));
  const { items, nextToken = '' } = pageTokens.pageOf(
    'GetTagValues',
    [...new Set(values)].sort(),
    (value) => value,
    taggingLimits.namesPerPageMax,
    tokenIn(PaginationToken),
  );
  return { PaginationToken: nextToken, TagValues: [...items] };
};
