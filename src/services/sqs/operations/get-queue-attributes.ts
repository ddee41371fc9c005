import type { GetQueueAttributesRequest, GetQueueAttributesResult } from '@aws-sdk/client-sqs';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { MessageCounts } from '../../../queue/leased/contract.ts';
import { isAttribute } from '../attributes-input.ts';
import type { SqsReads } from '../context.ts';
import { unknownAttribute } from '../errors.ts';
import { attributesOf } from '../queue.ts';
import { nameOf } from '../queue-url.ts';

const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

/** The attributes of a queue that are asked for. The numbers of messages are exact. */
export async function getQueueAttributes(
  { queues, countsOf }: SqsReads,
  input: Checked<GetQueueAttributesRequest>,
  call: CallContext,
): Promise<GetQueueAttributesResult> {
  const queue = queues.require(nameOf(input.QueueUrl, call));
  const names = input.AttributeNames ?? [];
  for (const name of names) if (name !== 'All' && !isAttribute(name)) throw unknownAttribute(name);
  if (names.length === 0) return {};
  const isAsked = (name: string): boolean => names.some((one) => one === 'All' || one === name);
  const all: Readonly<Record<string, string>> = {
    ...attributesOf(queue),
    QueueArn: queues.arnOf(queue.name),
    ...(COUNTS.some(isAsked) && countAttributes(await countsOf(queue))),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
  };
  return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => isAsked(name))) };
}

function countAttributes({ visible, inFlight, delayed }: MessageCounts) {
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}
