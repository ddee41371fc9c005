import type { PutResourcePolicyInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { checkPolicy } from '../streams/policy.ts';
import { changeResource } from '../streams/tags-and-policies.ts';

/** Sets the policy of a stream or a registered consumer, replacing an existing one. */
export const putResourcePolicy: Handler<PutResourcePolicyInput, void> = async (kinesis, input) => {
  checkPolicy(input.Policy, input.ResourceARN);
  await changeResource(kinesis, input, ({ tags }) => ({ tags, policy: input.Policy }));
};
