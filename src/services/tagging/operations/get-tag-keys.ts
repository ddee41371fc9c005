import type { GetTagKeysInput, GetTagKeysOutput } from '../api-types.ts';
import { type Handler, pageTokens, tokenIn } from '../context.ts';
import { taggingLimits } from '../limits.ts';

/** Lists the keys of all tags. */
export const getTagKeys: Handler<GetTagKeysInput, GetTagKeysOutput> = ({ tagged }, { PaginationToken }) => {
  const keys = new Set(tagged.all().flatMap(({ tags }) => Object.keys(tags)));
  const { items, nextToken = '' } = pageTokens.pageOf(
    'GetTagKeys',
    [...keys].sort(),
    (key) => key,
    taggingLimits.namesPerPageMax,
    tokenIn(PaginationToken),
  );
  return { PaginationToken: nextToken, TagKeys: [...items] };
};
