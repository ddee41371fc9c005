import type { DeleteAccessKeyRequest } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { accessKeyOf } from '../access-keys.ts';
import { namedOrCallingUser } from '../caller.ts';

/** Deletes an access key. */
export async function deleteAccessKey(
  context: IamContext,
  input: Checked<DeleteAccessKeyRequest>,
  call: CallContext,
): Promise<void> {
  const { store, keys } = context;
  await store.change(async () => {
    const user = await namedOrCallingUser(context, input.UserName, call);
    await keys.delete(await accessKeyOf(context, user, input.AccessKeyId));
  });
}
