import type { CreateQueueRequest } from '@aws-sdk/client-sqs';
import { awsLimits } from '../../aws/limits.ts';
import { type Tags, type TagRules, withTags } from '../../aws/tags.ts';
import type { Checked } from '../../protocol/service.ts';
import { withAttributes } from './attributes-input.ts';
import {
  invalidAttribute,
  invalidParameter,
  missingParameter,
  queueNameExists,
  unknownAttribute,
} from './errors.ts';
import { attributesOf, type Queue } from './queue.ts';

export type NewQueue = Pick<Queue, 'name' | 'attributes' | 'tags'>;

const tagRules: TagRules = {
  max: awsLimits.tagsMax,
  duplicateKey: (key) => invalidParameter(`Duplicate tag key ${key}.`),
  reservedKey: (key) => invalidParameter(`Tag key ${key} is reserved: keys must not begin with aws:.`),
  invalidCharacters: () => invalidParameter('A tag key or value has characters that are not allowed.'),
  tooMany: (max) => invalidParameter(`Too many tags added for queue: at most ${max} are allowed.`),
};

/** The queue that a CreateQueue describes. Throws SQS's errors. */
export function parseQueue(input: Partial<Checked<CreateQueueRequest>>): NewQueue {
  const { QueueName: name, Attributes: given = {}, tags = {} } = input;
  if (name === undefined) throw missingParameter('QueueName');
  const { FifoQueue: fifo, ...others } = given;
  if (fifo !== undefined && fifo !== 'true') {
    // As on AWS, only FIFO queues have the attribute.
    throw fifo === 'false' ? unknownAttribute('FifoQueue') : invalidAttribute('FifoQueue');
  }
  const isFifo = fifo === 'true';
  checkName(name, isFifo);
  const present = isFifo ? { FifoQueue: 'true' } : {};
  return { name, attributes: withAttributes(present, others, isFifo), tags: withQueueTags({}, tags) };
}

export function withQueueTags(present: Tags, added: Tags): Tags {
  return withTags(present, added, tagRules);
}

/** Checks that the attributes given to CreateQueue are those of the existing queue. Throws QueueNameExists. */
export function sameQueue(present: Queue, wanted: NewQueue): void {
  const values = attributesOf(present);
  for (const [name, value] of Object.entries(wanted.attributes)) {
    if (values[name] !== value) throw queueNameExists(name);
  }
}

function checkName(name: string, isFifo: boolean): void {
  const isValid =
    /^[A-Za-z0-9_-]{1,80}$/.test(isFifo ? name.replace(/\.fifo$/, '') : name) && name.length <= 80;
  if (isFifo && (!isValid || !name.endsWith('.fifo'))) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!isValid) {
    throw invalidParameter(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
}
