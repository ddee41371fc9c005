import type { ListUsersRequest, ListUsersResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { userSummary } from '../outputs.ts';
import { pageOf } from '../paging.ts';
import { keyOf } from '../rows.ts';

/** Lists users by name, all or those below a path. */
export async function listUsers(
  context: IamContext,
  input: Checked<ListUsersRequest>,
): Promise<ListUsersResponse> {
  const { PathPrefix, Marker, MaxItems } = input;
  const page = await pageOf(
    'users',
    { Marker, MaxItems },
    (after) => context.store.users.entries(after, PathPrefix),
    ({ name }) => keyOf(name),
  );
  return { Users: page.items.map((row) => userSummary(context, row)), ...page.end };
}
