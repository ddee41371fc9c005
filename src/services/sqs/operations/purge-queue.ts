import type { PurgeQueueRequest } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsContext } from '../context.ts';
import { nameOf } from '../queue-url.ts';

/** Deletes all messages of a queue that were sent before, also those in flight; once a minute, as on AWS. */
export async function purgeQueue(
  { queues }: SqsContext,
  input: Checked<PurgeQueueRequest>,
  call: CallContext,
): Promise<void> {
  await queues.open(nameOf(input.QueueUrl, call)).purge();
}
