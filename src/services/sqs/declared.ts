import { section } from '../../config/declarations.ts';
import {
  described,
  fields,
  namesTo,
  oneOf,
  optional,
  text,
  type ValueOf,
  wholeNumber,
  withDefault,
  yesOrNo,
} from '../../config/yaml-reader.ts';
import { type Declarer, differences, type PlanStep } from '../../declarations/plan.ts';
import { policyReader } from '../../declarations/policy-reader.ts';
import { DeclarationError } from '../../errors.ts';
import { describeQueues } from './description.ts';
import { sqsLimits } from './limits.ts';
import { attributesOf, isFifo } from './queue.ts';
import { type NewQueue, parseQueue } from './queue-input.ts';
import type { Queues } from './queues.ts';
import { checkRedrive } from './redrive-check.ts';

const queue = fields({
  visibilityTimeout: optional(
    described(
      'Seconds for which a received message is hidden',
      wholeNumber(0, sqsLimits.visibilitySecondsMax),
    ),
  ),
  delaySeconds: optional(
    described('Seconds before a sent message can be received', wholeNumber(0, sqsLimits.delaySecondsMax)),
  ),
  messageRetentionPeriod: optional(
    described(
      'Seconds for which messages are kept',
      wholeNumber(sqsLimits.retentionSecondsMin, sqsLimits.retentionSecondsMax),
    ),
  ),
  maximumMessageSize: optional(
    described('Bytes of a message', wholeNumber(sqsLimits.messageBytesMaxMin, sqsLimits.messageBytesMax)),
  ),
  receiveMessageWaitTimeSeconds: optional(
    described('Seconds that a receive waits for a message', wholeNumber(0, sqsLimits.waitSecondsMax)),
  ),
  contentBasedDeduplication: optional(
    described('Of a FIFO queue: the body of a message is its deduplication id', yesOrNo),
  ),
  deduplicationScope: optional(
    described('Of a FIFO queue: where a deduplication id is unique', oneOf('queue', 'messageGroup')),
  ),
  fifoThroughputLimit: optional(
    described('Of a FIFO queue: stored and shown', oneOf('perQueue', 'perMessageGroupId')),
  ),
  deadLetterQueue: optional(
    described('Name of the queue for messages that were received too often; declare it, too', text()),
  ),
  maxReceiveCount: optional(
    described(
      'Receives after which a message goes to the dead-letter queue; 10 by default',
      wholeNumber(1, sqsLimits.receiveCountMax),
    ),
  ),
  policy: optional(policyReader),
  tags: withDefault(described('Tags of the queue', namesTo(text())), {}),
});

type DeclaredQueue = ValueOf<typeof queue>;

export const queuesSection = section('queues', queue);

const RECEIVES_BY_DEFAULT = 10;

/** Declares the queues of `nagare.yaml`. A name that ends with `.fifo` is that of a FIFO queue. */
export function queueDeclarer(queues: Queues, urlOf: (name: string) => string): Declarer {
  return {
    plan: (declarations) => {
      const entries = [...declarations.entries(queuesSection)];
      const targets = new Set(entries.map(({ value }) => value.deadLetterQueue));
      // Dead-letter queues first, because the others name them.
      const ordered = entries.toSorted(
        (one, other) => Number(targets.has(other.name)) - Number(targets.has(one.name)),
      );
      return ordered.map(({ name, path, value }) => ({
        resource: ['queues', name],
        path,
        check: () => planQueue(queues, name, value),
      }));
    },
    describe: () => describeQueues(queues, urlOf),
    find: ([, name = '']) =>
      queues.get(name) === undefined ? undefined : { remove: () => queues.delete(name) },
  };
}

function planQueue(queues: Queues, name: string, declared: DeclaredQueue): PlanStep {
  const wanted = wantedQueue(queues, name, declared);
  const present = queues.get(name);
  if (present === undefined) {
    return {
      action: 'create',
      apply: async () => {
        checkRedrive(queues, wanted);
        await queues.create(wanted, () => {});
      },
    };
  }
  const before = attributesOf(present);
  const changed = differences({
    ...Object.fromEntries(
      Object.entries(wanted.attributes).map(([key, value]) => [key, [before[key], value] as const]),
    ),
    tags: [present.tags, wanted.tags],
  });
  return {
    action: changed === '' ? 'leave' : 'change',
    details: changed,
    apply: async () => {
      if (changed === '') return;
      checkRedrive(queues, wanted);
      await queues.update(name, ({ attributes }) => ({
        attributes: { ...attributes, ...wanted.attributes },
        tags: wanted.tags,
      }));
    },
  };
}

/** Throws ServiceError for what CreateQueue refuses. */
function wantedQueue(queues: Queues, name: string, declared: DeclaredQueue): NewQueue {
  const { tags, policy, deadLetterQueue, maxReceiveCount, ...others } = declared;
  if (maxReceiveCount !== undefined && deadLetterQueue === undefined) {
    throw new DeclarationError('maxReceiveCount needs a deadLetterQueue');
  }
  const attributes: Record<string, string> = {};
  if (name.endsWith('.fifo')) attributes['FifoQueue'] = 'true';
  for (const [key, value] of Object.entries(others)) {
    if (value !== undefined) attributes[`${key.charAt(0).toUpperCase()}${key.slice(1)}`] = String(value);
  }
  if (policy !== undefined) attributes['Policy'] = policy;
  if (deadLetterQueue !== undefined) {
    attributes['RedrivePolicy'] = JSON.stringify({
      deadLetterTargetArn: queues.arnOf(deadLetterQueue),
      maxReceiveCount: maxReceiveCount ?? RECEIVES_BY_DEFAULT,
    });
  }
  const wanted = parseQueue({ QueueName: name, Attributes: attributes, tags });
  if (deadLetterQueue !== undefined && deadLetterQueue.endsWith('.fifo') !== isFifo(wanted)) {
    throw new DeclarationError('a dead-letter queue must be of the same type as its source');
  }
  return wanted;
}
