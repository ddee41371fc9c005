import type { PutRolePermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { setBoundary } from '../principal-policies.ts';

/** Sets the permissions boundary of a role: a managed policy. */
export async function putRolePermissionsBoundary(
  context: IamContext,
  input: Checked<PutRolePermissionsBoundaryRequest>,
): Promise<void> {
  await setBoundary(context, 'role', input.RoleName, input.PermissionsBoundary);
}
