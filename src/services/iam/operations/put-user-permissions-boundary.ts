import type { PutUserPermissionsBoundaryRequest } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { setBoundary } from '../principal-policies.ts';

/** Sets the permissions boundary of a user: a managed policy. */
export async function putUserPermissionsBoundary(
  context: IamContext,
  input: Checked<PutUserPermissionsBoundaryRequest>,
): Promise<void> {
  await setBoundary(context, 'user', input.UserName, input.PermissionsBoundary);
}
