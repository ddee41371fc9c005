import type { AddUserToGroupRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { quotaExceeded } from '../errors.ts';
import { iamLimits } from '../limits.ts';
import { memberKey } from '../membership.ts';

/** Adds a user to a group. Adding it again does nothing. */
export async function addUserToGroup(
  context: IamContext,
  input: Checked<AddUserToGroupRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const group = await store.groups.get(input.GroupName);
    const user = await store.users.get(input.UserName);
    if (user.groups.includes(group.id)) return;
    const max = iamLimits.groupsPerUserMax;
    if (user.groups.length >= max) throw quotaExceeded('GroupsPerUser', max);
    store.users.patch(writes, user, { groups: [...user.groups, group.id] });
    writes.put(store.members, memberKey(group.id, user.id), { userId: user.id });
  });
}
