import type { ListMFADevicesRequest, ListMFADevicesResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { namedOrCallingUser } from '../caller.ts';
import type { IamContext } from '../context.ts';
import { emptyPage } from '../paging.ts';

/** Lists the MFA devices of a user: none, because nagare has no MFA. */
export async function listMfaDevices(
  context: IamContext,
  { UserName, Marker }: Checked<ListMFADevicesRequest>,
  call: CallContext,
): Promise<ListMFADevicesResponse> {
  const { id } = await namedOrCallingUser(context, UserName, call);
  return { MFADevices: [], ...(await emptyPage(`MFA devices of ${id}`, { Marker })) };
}
