import type { MessageView } from '../../queue/leased/message-format.ts';
import type { OutgoingMessage } from '../../queue/leased/contract.ts';
import {
  invalidParameter,
  missingParameter,
  receiptHandleExpired,
  receiptHandleIsInvalid,
} from './errors.ts';
import { newMessageId } from './message-id.ts';
import { extraOf } from './message-input.ts';
import { extraIn, type OpenQueue } from './open-queue.ts';
import type { Queues } from './queues.ts';

/**
 * Moves a message that was received to the queue that it came from, or to another one, in one commit. Throws
 * ReceiptHandleIsInvalid, InvalidParameterValue, QueueDoesNotExist: then it can be received again at once.
 */
export async function redriveByHandle(
  queues: Queues,
  open: OpenQueue,
  handle: string | undefined,
  destinationArn: string | undefined,
): Promise<void> {
  if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle');
  const lease = open.messages.takeReceived(handle);
  if (lease === 'invalid') throw receiptHandleIsInvalid(handle);
  if (typeof lease === 'string') throw receiptHandleExpired(handle);
  try {
    const message = await open.messages.peek(lease);
    const arn = destinationArn ?? (message && extraIn(message).source);
    if (arn === undefined) {
      throw invalidParameter('The message came from no queue. Specify DestinationArn.');
    }
    if (arn === open.arn) {
      throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
    }
    const target = queues.require(queues.byArn(arn)?.name ?? '');
    await open.messages.moveTo([lease], queues.open(target.name).messages, asNew);
  } catch (error) {
    open.messages.putBack([lease]);
    throw error;
  }
}

/** As on AWS, a message that is moved back is new: it has another id, and its age begins again. */
export function asNew(message: MessageView): OutgoingMessage {
  const { source: _source, ...extra } = extraIn(message);
  return {
    id: newMessageId(),
    digest: message.digest,
    body: message.body,
    groupId: message.groupId,
    deduplicationId: message.deduplicationId,
    extra: extraOf(extra),
  };
}
