import type { GetDataProtectionPolicyInput, GetDataProtectionPolicyResponse } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsReads } from '../context.ts';

/** Returns no policy: topics have none, and setting one is refused by name. */
export function getDataProtectionPolicy(
  { topics }: SnsReads,
  input: Checked<GetDataProtectionPolicyInput>,
  _call: CallContext,
): GetDataProtectionPolicyResponse {
  topics.require(input.ResourceArn);
  return {};
}
