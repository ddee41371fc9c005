import type { ListAccessKeysRequest, ListAccessKeysResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { accessKeyOutput } from '../access-keys.ts';
import { namedOrCallingUser } from '../caller.ts';
import { pageOfList } from '../paging.ts';

/** Lists the access keys of a user, without secrets. */
export async function listAccessKeys(
  context: IamContext,
  input: Checked<ListAccessKeysRequest>,
  call: CallContext,
): Promise<ListAccessKeysResponse> {
  const { UserName, Marker, MaxItems } = input;
  const user = await namedOrCallingUser(context, UserName, call);
  const rows = await context.keys.ofOwner(user.id);
  const page = await pageOfList(`keys of ${user.id}`, { Marker, MaxItems }, rows, (row) => row.accessKeyId);
  return { AccessKeyMetadata: page.items.map((row) => accessKeyOutput(user, row)), ...page.end };
}
