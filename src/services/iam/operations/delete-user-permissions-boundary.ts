import type { DeleteUserPermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { setBoundary } from '../principal-policies.ts';

/** Removes the permissions boundary of a user. */
export async function deleteUserPermissionsBoundary(
  context: IamContext,
  input: Checked<DeleteUserPermissionsBoundaryRequest>,
): Promise<void> {
  await setBoundary(context, 'user', input.UserName, undefined);
}
