import type { DeleteTopicInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';

/** Deletes a topic, its subscriptions, and its pending deliveries. Succeeds when the topic does not exist. */
export async function deleteTopic(
  { topics }: SnsContext,
  input: Checked<DeleteTopicInput>,
  _call: CallContext,
): Promise<void> {
  await topics.delete(input.TopicArn);
}
