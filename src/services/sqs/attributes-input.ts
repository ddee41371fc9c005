import { parsePolicy } from './policy.ts';
import { invalidAttribute, twoEncryptions, unknownAttribute } from './errors.ts';
import { sqsLimits } from './limits.ts';
import type { QueueAttributes } from './queue.ts';
import { parseRedriveAllowPolicy, parseRedrivePolicy } from './redrive.ts';

/** Checks a value; returns it as it is stored, or undefined when it removes the attribute. */
type Parse = (value: string, name: string) => string | undefined;

const attributes: Readonly<Record<string, Parse>> = {
  DelaySeconds: integer(0, sqsLimits.delaySecondsMax),
  MaximumMessageSize: integer(sqsLimits.messageBytesMaxMin, sqsLimits.messageBytesMax),
  MessageRetentionPeriod: integer(sqsLimits.retentionSecondsMin, sqsLimits.retentionSecondsMax),
  ReceiveMessageWaitTimeSeconds: integer(0, sqsLimits.waitSecondsMax),
  VisibilityTimeout: integer(0, sqsLimits.visibilitySecondsMax),
  KmsDataKeyReusePeriodSeconds: integer(60, 86_400),
  SqsManagedSseEnabled: oneOf('true', 'false'),
  Policy: removable((value) => parsePolicy(value)),
  RedrivePolicy: removable((value) => parseRedrivePolicy(value)),
  RedriveAllowPolicy: removable((value) => parseRedriveAllowPolicy(value)),
  KmsMasterKeyId: removable((_value, name) => {
    throw invalidAttribute(name, 'nagare does not support encryption with keys of KMS.');
  }),
};

const fifoAttributes: Readonly<Record<string, Parse>> = {
  ContentBasedDeduplication: oneOf('true', 'false'),
  DeduplicationScope: oneOf('queue', 'messageGroup'),
  FifoThroughputLimit: oneOf('perQueue', 'perMessageGroupId'),
};

/** Attributes that are computed, and that ReceiveMessage and GetQueueAttributes know besides those that can be set. */
export const computedAttributes = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const;

export function isAttribute(name: string): boolean {
  return (
    Object.hasOwn(attributes, name) ||
    Object.hasOwn(fifoAttributes, name) ||
    name === 'FifoQueue' ||
    computedAttributes.some((computed) => computed === name)
  );
}

/**
 * The attributes of a queue after some are set. Throws InvalidAttributeName, InvalidAttributeValue, and for a redrive
 * policy InvalidParameterValue, as AWS does.
 */
export function withAttributes(
  present: QueueAttributes,
  given: QueueAttributes,
  isFifo: boolean,
): QueueAttributes {
  const result: Record<string, string> = { ...present };
  for (const [name, value] of Object.entries(given)) {
    if (name === 'FifoQueue' && isFifo) {
      if (value !== 'true') throw invalidAttribute(name, 'Modifying queue type is not supported.');
      continue;
    }
    const parse = attributes[name] ?? (isFifo ? fifoAttributes[name] : undefined);
    if (parse === undefined || !isAttribute(name)) throw unknownAttribute(name);
    const parsed = parse(value, name);
    if (parsed === undefined) delete result[name];
    else result[name] = parsed;
  }
  if (given['SqsManagedSseEnabled'] === 'true' && (given['KmsMasterKeyId'] ?? '') !== '')
    throw twoEncryptions();
  const { FifoThroughputLimit, DeduplicationScope = 'queue' } = result;
  if (FifoThroughputLimit === 'perMessageGroupId' && DeduplicationScope !== 'messageGroup') {
    throw invalidAttribute(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
  }
  return result;
}

function integer(min: number, max: number): Parse {
  return (value, name) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) throw invalidAttribute(name);
    return String(number);
  };
}

function oneOf(...values: readonly string[]): Parse {
  return (value, name) => {
    const found = values.find((one) => one.toLowerCase() === value.toLowerCase());
    if (found === undefined) throw invalidAttribute(name);
    return found;
  };
}

/** An empty value removes it. */
function removable(check: (value: string, name: string) => void): Parse {
  return (value, name) => {
    if (value === '') return undefined;
    check(value, name);
    return value;
  };
}
