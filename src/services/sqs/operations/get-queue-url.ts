import type { GetQueueUrlRequest, GetQueueUrlResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { SqsReads } from '../context.ts';
import { missingParameter, queueDoesNotExist } from '../errors.ts';
import { urlOf } from '../queue-url.ts';

/** The URL of a queue, under the address by which the client came. */
export function getQueueUrl(
  { queues }: SqsReads,
  input: Checked<GetQueueUrlRequest>,
  call: CallContext,
): GetQueueUrlResult {
  const { QueueName: name, QueueOwnerAWSAccountId: owner = call.accountId } = input;
  if (name === undefined) throw missingParameter('QueueName');
  if (owner !== call.accountId) throw queueDoesNotExist();
  return { QueueUrl: urlOf(queues.require(name).name, call) };
}
