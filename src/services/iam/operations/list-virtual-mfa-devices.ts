import type { ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse } from '@aws-sdk/client-iam';
import type { Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { emptyPage } from '../paging.ts';

/** Lists the virtual MFA devices of the account: none, because nagare has no MFA. */
export async function listVirtualMfaDevices(
  _context: IamContext,
  { AssignmentStatus = 'Any', Marker }: Checked<ListVirtualMFADevicesRequest>,
): Promise<ListVirtualMFADevicesResponse> {
  return {
    VirtualMFADevices: [],
    ...(await emptyPage(`virtual MFA devices: ${AssignmentStatus}`, { Marker })),
  };
}
