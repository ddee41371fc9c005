import type { DeleteRoleRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { requireNoPolicies } from '../deletion.ts';
import { deleteConflict } from '../errors.ts';
import { profilesOf } from '../profiles.ts';
import { removePolicyUse } from '../policy-uses.ts';

/** Deletes a role that has no policies and is in no instance profile. */
export async function deleteRole(context: IamContext, input: Checked<DeleteRoleRequest>): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.roles.get(input.RoleName);
    for await (const _ of profilesOf(store, row.name)) {
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    }
    requireNoPolicies(row);
    if (row.boundary !== undefined) {
      const use = { arn: row.boundary, usage: 'boundary', kind: 'role', principal: row } as const;
      await removePolicyUse(context, writes, use);
    }
    store.roles.remove(writes, row);
    writes.delete(store.names, row.id);
  });
}
