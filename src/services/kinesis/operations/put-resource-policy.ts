import type { PutResourcePolicyInput } from '@aws-sdk/client-kinesis';
import type { Handler } from '../context.ts';
import { checkPolicy } from '../streams/policy.ts';
import { changeResource } from '../streams/tags-and-policies.ts';

/** Attaches a policy to a stream or a registered consumer, in place of the one it has. */
export const putResourcePolicy: Handler<PutResourcePolicyInput, void> = async (kinesis, input) => {
  checkPolicy(input.Policy, input.ResourceARN);
  await changeResource(kinesis, input, ({ tags }) => ({ tags, policy: input.Policy }));
};
