import type { AccessKeyMetadata } from '@aws-sdk/client-iam';
import type { AccessKeyRow, AccessKeyStatus } from '../../auth/keys/access-keys.ts';
import type { IamContext } from './context.ts';
import { accessKeyNotFound } from './errors.ts';
import type { UserRow } from './rows.ts';

/** Throws NoSuchEntity, also for a key of another user. */
export async function accessKeyOf(
  { keys }: IamContext,
  user: UserRow,
  accessKeyId: string,
): Promise<AccessKeyRow> {
  const row = await keys.find(accessKeyId);
  if (row?.ownerId !== user.id) throw accessKeyNotFound(accessKeyId);
  return row;
}

export function accessKeyOutput(
  { name }: UserRow,
  { accessKeyId, status, createdMs }: AccessKeyRow,
): Required<AccessKeyMetadata> & { readonly Status: AccessKeyStatus } {
  return { UserName: name, AccessKeyId: accessKeyId, Status: status, CreateDate: new Date(createdMs) };
}
