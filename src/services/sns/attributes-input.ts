import { limits } from '../../limits.ts';
import { parseDeliveryPolicy } from './delivery-policy.ts';
import { invalidParameter, notSupported } from './errors.ts';
import { checkFilterPolicy } from './filter-policy.ts';
import type { Protocol, SubscriptionAttributes, TopicAttributes } from './topic.ts';

const KNOWN_TOPIC_ATTRIBUTES = [
  'Policy',
  'ContentBasedDeduplication',
  'FifoThroughputScope',
  'ArchivePolicy',
  'KmsMasterKeyId',
  'TracingConfig',
  'DataProtectionPolicy',
];
const FEEDBACK =
  /^(HTTP|Firehose|Lambda|Application|SQS)(SuccessFeedback(RoleArn|SampleRate)|FailureFeedbackRoleArn)$/;
const DISPLAY_NAME_MAX = 100;

/** The attributes with one of them set; an empty text unsets it. Throws InvalidParameter. */
export function withTopicAttribute(
  attributes: TopicAttributes,
  name: string,
  value: string,
): TopicAttributes {
  switch (name) {
    case 'DisplayName':
      if (value.length > DISPLAY_NAME_MAX) throw invalidParameter('DisplayName');
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
    case 'FifoTopic':
      // What Terraform and others send for a topic of the usual kind.
      if (value === 'false') return attributes;
      throw notSupported('FifoTopic', 'FIFO topics');
    default:
      if (KNOWN_TOPIC_ATTRIBUTES.includes(name) || FEEDBACK.test(name)) {
        throw notSupported('Attributes', `the topic attribute ${name}`);
      }
      throw invalidParameter('AttributeName');
  }
}

const KNOWN_SUBSCRIPTION_ATTRIBUTES = [
  'RedrivePolicy',
  'SubscriptionRoleArn',
  'ReplayPolicy',
  'ReplayStatus',
];

/** As above, for a subscription of that protocol. */
export function withSubscriptionAttribute(
  attributes: SubscriptionAttributes,
  protocol: Protocol,
  name: string,
  value: string,
): SubscriptionAttributes {
  switch (name) {
    case 'RawMessageDelivery':
      return { ...attributes, RawMessageDelivery: parseRaw(protocol, value) };
    case 'FilterPolicy': {
      const { FilterPolicy: _, ...rest } = attributes;
      if (value === '') return rest;
      if (Buffer.byteLength(value) > limits.snsFilterPolicyBytesMax) {
        throw invalidParameter('FilterPolicy: Filter policy is too large');
      }
      checkFilterPolicy(value, attributes.FilterPolicyScope ?? 'MessageAttributes');
      return { ...rest, FilterPolicy: value };
    }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw invalidParameter(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      }
      if (attributes.FilterPolicy !== undefined) checkFilterPolicy(attributes.FilterPolicy, value);
      return { ...attributes, FilterPolicyScope: value };
    case 'DeliveryPolicy': {
      const { DeliveryPolicy: _, ...rest } = attributes;
      if (value === '') return rest;
      if (protocol === 'lambda') throw invalidParameter('DeliveryPolicy');
      parseDeliveryPolicy(value, 'subscription');
      return { ...rest, DeliveryPolicy: value };
    }
    default:
      if (KNOWN_SUBSCRIPTION_ATTRIBUTES.includes(name)) {
        throw notSupported('Attributes', `the subscription attribute ${name}`);
      }
      throw invalidParameter('AttributeName');
  }
}

/** The scope first: it says how to read the policy. */
export function parseSubscriptionAttributes(
  given: Readonly<Record<string, string>>,
  protocol: Protocol,
): SubscriptionAttributes {
  let attributes: SubscriptionAttributes = {};
  const names = Object.keys(given).sort(
    (a, b) => Number(b === 'FilterPolicyScope') - Number(a === 'FilterPolicyScope'),
  );
  for (const name of names)
    attributes = withSubscriptionAttribute(attributes, protocol, name, given[name] ?? '');
  return attributes;
}

function parseRaw(protocol: Protocol, value: string): 'true' | 'false' {
  const word = value.toLowerCase();
  if (word !== 'true' && word !== 'false') {
    throw invalidParameter(
      `Attributes Reason: RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
    );
  }
  if (word === 'true' && protocol === 'lambda') {
    throw invalidParameter(
      `Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  return word;
}
