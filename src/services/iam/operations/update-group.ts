import type { UpdateGroupRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { requireFreeName } from '../entities.ts';
import { keyOf } from '../rows.ts';

/** Changes the name or the path of a group. Its users and policies stay. */
export async function updateGroup(context: IamContext, input: Checked<UpdateGroupRequest>): Promise<void> {
  const { store } = context;
  const { GroupName, NewGroupName, NewPath } = input;
  await store.change(async (writes) => {
    const row = await store.groups.get(GroupName);
    const name = NewGroupName ?? row.name;
    if (keyOf(name) !== keyOf(row.name)) await requireFreeName(store.groups, name);
    store.groups.rename(writes, row, { ...row, name, path: NewPath ?? row.path });
    writes.put(store.names, row.id, { name });
  });
}
