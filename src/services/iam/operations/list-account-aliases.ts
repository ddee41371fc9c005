import type { ListAccountAliasesRequest, ListAccountAliasesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { pageOfList } from '../paging.ts';

/** Lists the alias of the account, if it has one. */
export async function listAccountAliases(
  context: IamContext,
  input: Checked<ListAccountAliasesRequest>,
): Promise<ListAccountAliasesResponse> {
  const { alias } = context.store;
  const { Marker, MaxItems } = input;
  const aliases = alias === undefined ? [] : [alias];
  const page = await pageOfList('aliases', { Marker, MaxItems }, aliases, (one) => one);
  return { AccountAliases: [...page.items], ...page.end };
}
