import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from '@aws-sdk/client-sts';
import type { Checked } from '../../../protocol/service.ts';
import type { StsReads } from '../context.ts';
import { validationError } from '../errors.ts';

/** Returns the account of an access key: all keys are of the server's account. */
export function getAccessKeyInfo(
  { accountId }: StsReads,
  { AccessKeyId }: Checked<GetAccessKeyInfoRequest>,
): GetAccessKeyInfoResponse {
  if (!/^A[KS]IA/.test(AccessKeyId)) throw validationError(`${AccessKeyId} is not an access key ID.`);
  return { Account: accountId };
}
