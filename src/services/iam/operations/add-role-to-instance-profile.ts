import type { AddRoleToInstanceProfileRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { quotaExceeded } from '../errors.ts';
import { profileOfRoleKey } from '../profiles.ts';

/** Gives an instance profile its role; it can have one. */
export async function addRoleToInstanceProfile(
  context: IamContext,
  input: Checked<AddRoleToInstanceProfileRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.instanceProfiles.get(input.InstanceProfileName);
    const role = await store.roles.get(input.RoleName);
    if (row.role !== undefined) throw quotaExceeded('InstanceSessionsPerInstanceProfile', 1);
    store.instanceProfiles.patch(writes, row, { role: role.name });
    writes.put(store.profilesOfRoles, profileOfRoleKey(role.name, row.name), { profile: row.name });
  });
}
