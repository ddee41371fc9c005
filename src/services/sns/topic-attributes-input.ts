import { parseDeliveryPolicy } from './delivery-policy.ts';
import { invalidParameter, notSupported } from './errors.ts';
import { snsLimits } from './limits.ts';
import type { TopicAttributes } from './topic.ts';
import { withPolicy } from './topic-policy.ts';

const FEEDBACK = ['HTTP', 'Firehose', 'Lambda', 'Application', 'SQS'];

/**
 * Attributes that have the same fixed value on every topic here: that value is accepted, and any other refused by name.
 */
const FIXED: ReadonlyMap<string, string | undefined> = new Map([
  ...FEEDBACK.flatMap((protocol): [string, string][] => [
    [`${protocol}SuccessFeedbackSampleRate`, '0'],
    [`${protocol}SuccessFeedbackRoleArn`, ''],
    [`${protocol}FailureFeedbackRoleArn`, ''],
  ]),
  ['KmsMasterKeyId', ''],
  ['DataProtectionPolicy', ''],
  // Only FIFO topics have these.
  ['ContentBasedDeduplication', undefined],
  ['FifoThroughputScope', undefined],
  ['ArchivePolicy', undefined],
]);

/** Returns the attributes with one of them set; an empty string removes it. Throws InvalidParameter. */
export function withTopicAttribute(
  attributes: TopicAttributes,
  name: string,
  value: string,
  topic: { readonly arn: string; readonly accountId: string },
): TopicAttributes {
  switch (name) {
    case 'DisplayName':
      if (value.length > snsLimits.displayNameCharactersMax) throw invalidParameter('DisplayName');
      return { ...attributes, DisplayName: value };
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw invalidParameter('SignatureVersion');
      return { ...attributes, SignatureVersion: value };
    case 'DeliveryPolicy': {
      const { DeliveryPolicy: _, ...rest } = attributes;
      if (value === '') return rest;
      parseDeliveryPolicy(value, 'topic');
      return { ...rest, DeliveryPolicy: value };
    }
    case 'Policy':
      return withPolicy(attributes, value, topic);
    case 'TracingConfig':
      if (value !== 'PassThrough') throw notSupported('Attributes', `the topic attribute ${name}`);
      return { ...attributes, TracingConfig: value };
    default:
      if (!FIXED.has(name)) throw invalidParameter('AttributeName');
      if (FIXED.get(name) === value) return attributes;
      throw notSupported('Attributes', `the topic attribute ${name}`);
  }
}
