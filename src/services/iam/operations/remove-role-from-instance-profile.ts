import type { RemoveRoleFromInstanceProfileRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { noSuchEntity } from '../errors.ts';
import { profileOfRoleKey } from '../profiles.ts';

/** Removes the role of an instance profile. */
export async function removeRoleFromInstanceProfile(
  context: IamContext,
  input: Checked<RemoveRoleFromInstanceProfileRequest>,
): Promise<void> {
  const { store } = context;
  await store.change(async (writes) => {
    const row = await store.instanceProfiles.get(input.InstanceProfileName);
    const role = await store.roles.get(input.RoleName);
    if (row.role !== role.name)
      throw noSuchEntity(`Role ${role.name} in Instance Profile ${row.name} cannot be found.`);
    store.instanceProfiles.patch(writes, row, { role: undefined });
    writes.delete(store.profilesOfRoles, profileOfRoleKey(role.name, row.name));
  });
}
