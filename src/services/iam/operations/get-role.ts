import type { GetRoleRequest, GetRoleResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { roleOutput } from '../outputs.ts';

/** Returns a role. When it was last used is not recorded. */
export async function getRole(context: IamContext, input: Checked<GetRoleRequest>): Promise<GetRoleResponse> {
  return { Role: roleOutput(context, await context.store.roles.get(input.RoleName)) };
}
