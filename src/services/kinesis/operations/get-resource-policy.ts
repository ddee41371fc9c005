import type { GetResourcePolicyInput, GetResourcePolicyOutput } from '@aws-sdk/client-kinesis';
import type { ReadHandler } from '../context.ts';
import { getResource } from '../streams/tags-and-policies.ts';

/** Returns the policy of a stream or a registered consumer; `{}` when it has none. */
export const getResourcePolicy: ReadHandler<GetResourcePolicyInput, GetResourcePolicyOutput> = (
  kinesis,
  input,
) => {
  // As recorded on AWS, before PutResourcePolicy and after DeleteResourcePolicy.
  const { policy = '{}' } = getResource(kinesis, input);
  return { Policy: policy };
};
