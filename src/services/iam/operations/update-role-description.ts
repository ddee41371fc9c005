import type { UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { roleOutput } from '../outputs.ts';

/** Changes the description of a role. */
export function updateRoleDescription(
  context: IamContext,
  input: Checked<UpdateRoleDescriptionRequest>,
): Promise<UpdateRoleDescriptionResponse> {
  const { store } = context;
  const { RoleName, Description: description } = input;
  return store.change(async (writes) => {
    const row = { ...(await store.roles.get(RoleName)), description };
    store.roles.put(writes, row);
    return { Role: roleOutput(context, row) };
  });
}
