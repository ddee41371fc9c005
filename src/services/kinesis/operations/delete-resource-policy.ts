import type { DeleteResourcePolicyInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { resourceNotFound } from '../errors.ts';
import { changeResource } from '../streams/tags-and-policies.ts';

/** Removes the policy of a stream or a registered consumer. */
export const deleteResourcePolicy: Handler<DeleteResourcePolicyInput, void> = async (kinesis, input) => {
  await changeResource(kinesis, input, ({ tags, policy }) => {
    if (policy === undefined) {
      throw resourceNotFound(`No resource policy found for resource ARN ${input.ResourceARN}`);
    }
    return { tags };
  });
};
