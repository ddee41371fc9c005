import type { ListSSHPublicKeysRequest, ListSSHPublicKeysResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { namedOrCallingUser } from '../caller.ts';
import type { IamContext } from '../context.ts';
import { emptyPage } from '../paging.ts';

/** Lists the SSH keys of a user: none, because they cannot be uploaded. */
export async function listSshPublicKeys(
  context: IamContext,
  { UserName, Marker }: Checked<ListSSHPublicKeysRequest>,
  call: CallContext,
): Promise<ListSSHPublicKeysResponse> {
  const { id } = await namedOrCallingUser(context, UserName, call);
  return { SSHPublicKeys: [], ...(await emptyPage(`SSH keys of ${id}`, { Marker })) };
}
