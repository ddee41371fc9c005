import type { ListGroupsForUserRequest, ListGroupsForUserResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { groupOutput } from '../outputs.ts';
import { pageOfList } from '../paging.ts';
import { keyOf } from '../rows.ts';

/** Lists the groups that a user is in. */
export async function listGroupsForUser(
  context: IamContext,
  input: Checked<ListGroupsForUserRequest>,
): Promise<ListGroupsForUserResponse> {
  const { store } = context;
  const { UserName, Marker, MaxItems } = input;
  const user = await store.users.get(UserName);
  const names = await Promise.all(user.groups.map((id) => store.nameOf(id)));
  const groups = await Promise.all(names.map((name) => store.groups.get(name ?? '')));
  const page = await pageOfList(`groups of ${user.id}`, { Marker, MaxItems }, groups, ({ name }) =>
    keyOf(name),
  );
  return { Groups: page.items.map((row) => groupOutput(context, row)), ...page.end };
}
