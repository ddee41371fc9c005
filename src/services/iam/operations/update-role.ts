import type { UpdateRoleRequest, UpdateRoleResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';

/**
 * Changes the description, if one is given, and the maximum session duration of a role; without a duration, that
 * becomes one hour, as on AWS.
 */
export async function updateRole(
  context: IamContext,
  input: Checked<UpdateRoleRequest>,
): Promise<UpdateRoleResponse> {
  const { store } = context;
  const { RoleName, Description, MaxSessionDuration } = input;
  await store.change(async (writes) => {
    const row = await store.roles.get(RoleName);
    const description = Description ?? row.description;
    store.roles.patch(writes, row, { description, sessionSecondsMax: MaxSessionDuration ?? 3600 });
  });
  return {};
}
