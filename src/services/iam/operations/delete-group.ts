import type { DeleteGroupRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { requireNoPolicies } from '../deletion.ts';
import { deleteConflict } from '../errors.ts';
import { membersOf } from '../membership.ts';

/** Deletes a group that has no users and policies any more. */
export async function deleteGroup(context: IamContext, input: Checked<DeleteGroupRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.groups.get(input.GroupName);
    for await (const _ of membersOf(store, row.id)) {
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    }
    requireNoPolicies(row);
    store.groups.remove(writes, row);
    writes.delete(store.names, row.id);
  });
}
