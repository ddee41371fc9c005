import type { AddPermissionRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';
import { withPermission } from '../policy.ts';
import { nameOf } from '../queue-url.ts';

/** Adds a statement to the policy of a queue that lets accounts call operations. */
export async function addPermission(
  { queues }: SqsContext,
  input: Partial<Checked<AddPermissionRequest>>,
  call: CallContext,
): Promise<void> {
  const { Label: label, AWSAccountIds: accounts = [], Actions: actions = [] } = input;
  const name = nameOf(input.QueueUrl, call);
  if (label === undefined) throw missingParameter('Label');
  if (accounts.length === 0) throw missingParameter('PrincipalId');
  if (actions.length === 0) throw missingParameter('Actions');
  await queues.update(name, (queue) => {
    const Policy = withPermission(queue.attributes['Policy'], queues.arnOf(name), {
      label,
      accounts,
      actions,
    });
    return { attributes: { ...queue.attributes, Policy }, tags: queue.tags };
  });
}
