import type { RemoveUserFromGroupRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { memberKey } from '../membership.ts';

/** Removes a user from a group. Removing it again does nothing. */
export async function removeUserFromGroup(
  context: IamContext,
  input: Checked<RemoveUserFromGroupRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const group = await store.groups.get(input.GroupName);
    const user = await store.users.get(input.UserName);
    if (!user.groups.includes(group.id)) return;
    store.users.patch(writes, user, { groups: user.groups.filter((id) => id !== group.id) });
    writes.delete(store.members, memberKey(group.id, user.id));
  });
}
