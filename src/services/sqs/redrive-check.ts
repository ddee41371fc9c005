import { invalidValue } from './errors.ts';
import type { NewQueue } from './queue-input.ts';
import { isFifo, type QueueAttributes } from './queue.ts';
import type { Queues } from './queues.ts';
import { nameInArn, parseRedriveAllowPolicy, parseRedrivePolicy } from './redrive.ts';

/** Checks that the dead-letter queue of a queue may be that, if it was given now. Throws InvalidParameterValue. */
export function checkRedrive(
  queues: Queues,
  queue: NewQueue,
  given: QueueAttributes = queue.attributes,
): void {
  const text = queue.attributes['RedrivePolicy'];
  if (text === undefined || given['RedrivePolicy'] === undefined) return;
  const invalid = (reason: string): Error => invalidValue(text, 'RedrivePolicy', reason);
  const { deadLetterTargetArn: arn } = parseRedrivePolicy(text);
  const target = queues.byArn(arn);
  const isItself = arn === queues.arnOf(queue.name);
  if (target === undefined && !isItself) throw invalid('Dead letter target does not exist.');
  if (isFifo(queue) !== (nameInArn(arn)?.endsWith('.fifo') === true)) {
    throw invalid('Dead-letter queue must be same type of queue as the source.');
  }
  const allowed = target?.attributes['RedriveAllowPolicy'];
  if (allowed === undefined) return;
  const { redrivePermission: permission, sourceQueueArns: sources } = parseRedriveAllowPolicy(allowed);
  const isAllowed =
    permission === 'allowAll' || (permission === 'byQueue' && sources.includes(queues.arnOf(queue.name)));
  if (!isAllowed) {
    throw invalid('The redrive allow policy of the dead-letter queue does not allow this source queue.');
  }
}
