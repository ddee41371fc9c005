import type { CreateAccessKeyRequest, CreateAccessKeyResponse } from '@aws-sdk/client-iam';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { IamContext } from '../context.ts';
import { accessKeyOutput } from '../access-keys.ts';
import { namedOrCallingUser } from '../caller.ts';
import { quotaExceeded } from '../errors.ts';
import { iamLimits } from '../limits.ts';

/** Creates an access key of a user, which has at most two. The secret is in this answer only. */
export function createAccessKey(
  context: IamContext,
  input: Checked<CreateAccessKeyRequest>,
  call: CallContext,
): Promise<CreateAccessKeyResponse> {
  const { store, keys } = context;
  return store.change(async () => {
    const user = await namedOrCallingUser(context, input.UserName, call);
    const max = iamLimits.accessKeysPerUserMax;
    if ((await keys.ofOwner(user.id)).length >= max) throw quotaExceeded('AccessKeysPerUser', max);
    const { row, secretAccessKey } = await keys.create(user.id);
    return { AccessKey: { ...accessKeyOutput(user, row), SecretAccessKey: secretAccessKey } };
  });
}
