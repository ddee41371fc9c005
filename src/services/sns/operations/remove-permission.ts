import type { RemovePermissionInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { withoutPermission } from '../topic-policy.ts';

/** Removes the statement of that label from a topic's policy, if it has one. */
export async function removePermission(
  { topics }: SnsContext,
  { TopicArn, Label }: Checked<RemovePermissionInput>,
  _call: CallContext,
): Promise<void> {
  await topics.updateTopic(TopicArn, (topic) => withoutPermission(topic, Label));
}
