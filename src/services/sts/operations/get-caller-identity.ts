import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { CallContext } from '../../../protocol/service.ts';
import { callerOf } from '../caller.ts';
import type { StsReads } from '../context.ts';

/**
 * Returns who the caller claims to be: a user with an access key that IAM has, a session with its token, with any
 * other key the account.
 */
export async function getCallerIdentity(
  context: StsReads,
  _input: object,
  call: CallContext,
): Promise<GetCallerIdentityResponse> {
  const { identity } = await callerOf(context, call);
  return { Account: context.accountId, Arn: identity.arn, UserId: identity.userId };
}
