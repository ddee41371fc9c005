import type { GetAccountPasswordPolicyResponse } from '@aws-sdk/client-iam';
import type { IamContext } from '../context.ts';
import { noSuchEntity } from '../errors.ts';

/** Answers NoSuchEntity, as for an account without a policy: users have no passwords. */
export function getAccountPasswordPolicy({
  accountId,
}: IamContext): Promise<GetAccountPasswordPolicyResponse> {
  const message = `The Password Policy with domain name ${accountId} cannot be found.`;
  return Promise.reject(noSuchEntity(message));
}
