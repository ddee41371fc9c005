import type { AddPermissionInput } from '@aws-sdk/client-sns';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SnsContext } from '../context.ts';
import { invalidParameter } from '../errors.ts';
import { snsLimits } from '../limits.ts';
import { withPermission } from '../topic-policy.ts';

/** Adds a statement to a topic's policy that allows actions to accounts. */
export async function addPermission(
  { topics }: SnsContext,
  { TopicArn, Label: label, AWSAccountId: accountIds, ActionName: actionNames }: Checked<AddPermissionInput>,
  _call: CallContext,
): Promise<void> {
  if (!labelForm.test(label)) throw invalidParameter('Label');
  if (accountIds.length === 0 || !accountIds.every((id) => /^\d{12}$/.test(id))) {
    throw invalidParameter('AWSAccountId');
  }
  if (actionNames.length === 0) throw invalidParameter('ActionName');
  await topics.updateTopic(TopicArn, (topic) => withPermission(topic, { label, accountIds, actionNames }));
}

const labelForm = new RegExp(`^[\\w-]{1,${snsLimits.policyLabelCharactersMax}}$`);
