import type { GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { accessKeyNotFound } from '../errors.ts';

/** Returns the user of an access key, and for what the key was last used since signatures are verified. */
export async function getAccessKeyLastUsed(
  context: IamContext,
  input: Checked<GetAccessKeyLastUsedRequest>,
): Promise<GetAccessKeyLastUsedResponse> {
  const row = await context.keys.find(input.AccessKeyId);
  const UserName = row === undefined ? undefined : await context.store.nameOf(row.ownerId);
  if (UserName === undefined) throw accessKeyNotFound(input.AccessKeyId);
  const use = await context.keys.lastUses.find(input.AccessKeyId);
  if (use === undefined) {
    const never = { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' };
    return { UserName, AccessKeyLastUsed: never };
  }
  const { usedMs, service: ServiceName, region: Region } = use;
  return { UserName, AccessKeyLastUsed: { LastUsedDate: new Date(usedMs), ServiceName, Region } };
}
