import type { UpdateUserRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { requireFreeName } from '../entities.ts';
import { keyOf } from '../rows.ts';

/** Changes the name or the path of a user. Its keys, groups and policies stay. */
export async function updateUser(context: IamContext, input: Checked<UpdateUserRequest>): Promise<void> {
  const { store } = context;
  const { UserName, NewUserName, NewPath } = input;
  await store.change(async (writes) => {
    const row = await store.users.get(UserName);
    const name = NewUserName ?? row.name;
    if (keyOf(name) !== keyOf(row.name)) await requireFreeName(store.users, name);
    store.users.rename(writes, row, { ...row, name, path: NewPath ?? row.path });
    writes.put(store.names, row.id, { name });
  });
}
