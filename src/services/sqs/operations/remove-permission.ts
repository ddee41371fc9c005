import type { RemovePermissionRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { missingParameter } from '../errors.ts';
import { withoutPermission } from '../policy.ts';
import { nameOf } from '../queue-url.ts';

/** Removes a statement from the policy of a queue. */
export async function removePermission(
  { queues }: SqsContext,
  input: Checked<RemovePermissionRequest>,
  call: CallContext,
): Promise<void> {
  const { Label: label } = input;
  const name = nameOf(input.QueueUrl, call);
  if (label === undefined) throw missingParameter('Label');
  await queues.update(name, (queue) => {
    const { Policy: text, ...others } = queue.attributes;
    const policy = withoutPermission(text, queues.arnOf(name), label);
    return { attributes: policy === undefined ? others : { ...others, Policy: policy }, tags: queue.tags };
  });
}
