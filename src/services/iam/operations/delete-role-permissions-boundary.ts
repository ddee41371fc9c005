import type { DeleteRolePermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { setBoundary } from '../principal-policies.ts';

/** Removes the permissions boundary of a role. */
export async function deleteRolePermissionsBoundary(
  context: IamContext,
  input: Checked<DeleteRolePermissionsBoundaryRequest>,
): Promise<void> {
  await setBoundary(context, 'role', input.RoleName, undefined);
}
