import type { DeleteTopicInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';

/** Deletes a topic, its subscriptions, and what was still to be delivered. No error when there is none. */
export async function deleteTopic(
  { topics }: SnsContext,
  input: Checked<DeleteTopicInput>,
  _call: CallContext,
): Promise<void> {
  await topics.delete(input.TopicArn);
}
