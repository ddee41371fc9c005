import type {
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
} from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { instanceProfileOutput } from '../outputs.ts';
import { pageOf } from '../paging.ts';
import { profilesOf } from '../profiles.ts';
import { keyOf } from '../rows.ts';

/** Lists the instance profiles that have a role. */
export async function listInstanceProfilesForRole(
  context: IamContext,
  input: Checked<ListInstanceProfilesForRoleRequest>,
): Promise<ListInstanceProfilesForRoleResponse> {
  const { store } = context;
  const { RoleName, Marker, MaxItems } = input;
  const role = await store.roles.get(RoleName);
  const page = await pageOf(
    `instance profiles of ${role.id}`,
    { Marker, MaxItems },
    (after) => profilesOf(store, role.name, after),
    ({ name }) => keyOf(name),
  );
  const outputs = page.items.map((row) => instanceProfileOutput(context, row));
  return { InstanceProfiles: await Promise.all(outputs), ...page.end };
}
