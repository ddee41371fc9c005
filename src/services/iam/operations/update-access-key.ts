import type { UpdateAccessKeyRequest } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { accessKeyOf } from '../access-keys.ts';
import { namedOrCallingUser } from '../caller.ts';
import { validationError } from '../errors.ts';

/** Activates or deactivates an access key. */
export async function updateAccessKey(
  context: IamContext,
  input: Checked<UpdateAccessKeyRequest>,
  call: CallContext,
): Promise<void> {
  const { store, keys } = context;
  const { UserName, AccessKeyId, Status } = input;
  if (Status === 'Expired') throw validationError('Status must be Active or Inactive.');
  await store.change(async () => {
    const user = await namedOrCallingUser(context, UserName, call);
    await keys.setStatus(await accessKeyOf(context, user, AccessKeyId), Status);
  });
}
