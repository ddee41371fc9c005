import { isFinalFailure, type Targets } from '../../aws/targets.ts';
import type { Log } from '../../support/log.ts';
import { InvalidAttributeError } from './errors.ts';
import type { OutgoingNotification } from './protocols/protocol.ts';
import { isQueueArn, queueMessage } from './queue-message.ts';

/**
 * The queue that a subscription's RedrivePolicy names for notifications that cannot be delivered. Throws
 * InvalidAttributeError.
 */
export function deadLetterQueue(policy: string): string {
  let given: unknown;
  try {
    given = JSON.parse(policy);
  } catch {
    throw invalid('failed to parse JSON.');
  }
  const members: Readonly<Record<string, unknown>> =
    typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : {};
  const { deadLetterTargetArn: arn, ...others } = members;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`${other} is not a member of a redrive policy`);
  if (typeof arn !== 'string' || !isQueueArn(arn)) throw invalid('deadLetterTargetArn is an invalid arn');
  if (arn.endsWith('.fifo')) throw invalid('must use a standard queue as DLQ for a standard topic');
  return arn;
}

function invalid(reason: string): Error {
  return new InvalidAttributeError(`RedrivePolicy: ${reason}`);
}

interface DeadLetterOptions {
  readonly targets: Targets;
  readonly log: Log;
}

/** Resolves when the queue has the notification, or never will: whether it has. Throws for what may pass. */
export async function sendDeadLetter(
  policy: string,
  sending: OutgoingNotification,
  { targets, log }: DeadLetterOptions,
): Promise<boolean> {
  const queue = deadLetterQueue(policy);
  try {
    await targets.deliver(queue, await queueMessage(sending), sending.actor);
    return true;
  } catch (error) {
    if (!isFinalFailure(error)) throw error;
    const info = { subscription: sending.subscriptionArn, queue, err: error };
    log.error(info, 'a notification was discarded: its dead-letter queue does not accept it');
    return false;
  }
}
