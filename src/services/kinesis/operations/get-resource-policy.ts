import type { GetResourcePolicyInput, GetResourcePolicyOutput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { resourceNotFound } from '../errors.ts';
import { getResource } from '../streams/tags-and-policies.ts';

/** Gives the policy of a stream or a registered consumer. */
export const getResourcePolicy: Handler<GetResourcePolicyInput, GetResourcePolicyOutput> = (
  kinesis,
  input,
) => {
  const { policy } = getResource(kinesis, input);
  if (policy === undefined) {
    throw resourceNotFound(`No resource policy found for resource ARN ${input.ResourceARN}`);
  }
  return { Policy: policy };
};
