import type { DeleteUserRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { requireNoPolicies } from '../deletion.ts';
import { deleteConflict } from '../errors.ts';
import { removePolicyUse } from '../policy-uses.ts';

/** Deletes a user that has no keys, policies and groups any more. */
export async function deleteUser(context: IamContext, input: Checked<DeleteUserRequest>): Promise<void> {
  const { store, keys } = context;
  await store.change(async (writes) => {
    const row = await store.users.get(input.UserName);
    const keysOfUser = await keys.ofOwner(row.id);
    if (keysOfUser.length > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
    requireNoPolicies(row);
    if (row.groups.length > 0)
      throw deleteConflict('Cannot delete entity, must remove user from groups first.');
    if (row.boundary !== undefined) {
      const use = { arn: row.boundary, usage: 'boundary', kind: 'user', principal: row } as const;
      await removePolicyUse(context, writes, use);
    }
    store.users.remove(writes, row);
    writes.delete(store.names, row.id);
  });
}
