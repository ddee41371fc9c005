import { snsLimits } from './limits.ts';
import { deadLetterQueue } from './dead-letters.ts';
import { parseDeliveryPolicy } from './delivery-policy.ts';
import { InvalidAttributeError, invalidParameter, notSupported } from './errors.ts';
import { checkFilterPolicy } from './filter-policy.ts';
import { protocols } from './protocols/index.ts';
import type { Protocol, SubscriptionAttributes } from './topic.ts';

const KNOWN_SUBSCRIPTION_ATTRIBUTES = ['SubscriptionRoleArn', 'ReplayPolicy', 'ReplayStatus'];

/** Returns the attributes with one of them set; an empty string removes it. Throws InvalidAttributeError. */
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
      if (Buffer.byteLength(value) > snsLimits.filterPolicyBytesMax) {
        throw new InvalidAttributeError('FilterPolicy: Filter policy is too large');
      }
      checkFilterPolicy(value, attributes.FilterPolicyScope ?? 'MessageAttributes');
      return { ...rest, FilterPolicy: value };
    }
    case 'FilterPolicyScope':
      if (value !== 'MessageAttributes' && value !== 'MessageBody') {
        throw new InvalidAttributeError(
          `FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
        );
      }
      if (attributes.FilterPolicy !== undefined) checkFilterPolicy(attributes.FilterPolicy, value);
      return { ...attributes, FilterPolicyScope: value };
    case 'DeliveryPolicy': {
      const { DeliveryPolicy: _, ...rest } = attributes;
      if (value === '') return rest;
      if (!protocols[protocol].allowsDeliveryPolicy) throw invalidParameter('DeliveryPolicy');
      parseDeliveryPolicy(value, 'subscription');
      return { ...rest, DeliveryPolicy: value };
    }
    case 'RedrivePolicy': {
      const { RedrivePolicy: _, ...rest } = attributes;
      if (value === '') return rest;
      deadLetterQueue(value);
      return { ...rest, RedrivePolicy: value };
    }
    default:
      if (KNOWN_SUBSCRIPTION_ATTRIBUTES.includes(name)) {
        throw notSupported('Attributes', `the subscription attribute ${name}`);
      }
      throw new InvalidAttributeError('AttributeName');
  }
}

/**
 * Attributes of Subscribe. Throws InvalidParameter; there AWS says of each error that it concerns one of the
 * attributes.
 */
export function parseSubscriptionAttributes(
  given: Readonly<Record<string, string>>,
  protocol: Protocol,
): SubscriptionAttributes {
  let attributes: SubscriptionAttributes = {};
  // The scope first: it determines how to read the policy.
  const names = Object.keys(given).sort(
    (a, b) => Number(b === 'FilterPolicyScope') - Number(a === 'FilterPolicyScope'),
  );
  try {
    for (const name of names) {
      attributes = withSubscriptionAttribute(attributes, protocol, name, given[name] ?? '');
    }
  } catch (error) {
    if (error instanceof InvalidAttributeError) throw invalidParameter(`Attributes Reason: ${error.reason}`);
    throw error;
  }
  return attributes;
}

const defaults = { RawMessageDelivery: 'false', FilterPolicyScope: 'MessageAttributes' } as const;

/** Attributes as responses show them: with defaults, and without a scope when there is no policy. */
export function shownAttributes(attributes: SubscriptionAttributes): Readonly<Record<string, string>> {
  const { FilterPolicyScope, ...rest } = { ...defaults, ...attributes };
  return { ...rest, ...(attributes.FilterPolicy === undefined ? {} : { FilterPolicyScope }) };
}

/** Whether subscribing again with these attributes changes nothing. A default counts as absent. */
export function sameAttributes(
  names: readonly string[],
  present: SubscriptionAttributes,
  wanted: SubscriptionAttributes,
): boolean {
  const ours: Readonly<Record<string, string>> = { ...defaults, ...present };
  const theirs: Readonly<Record<string, string>> = { ...defaults, ...wanted };
  return names.every((name) => ours[name] === theirs[name]);
}

function parseRaw(protocol: Protocol, value: string): 'true' | 'false' {
  const word = value.toLowerCase();
  if (word !== 'true' && word !== 'false') {
    throw new InvalidAttributeError(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
  }
  if (word === 'true' && !protocols[protocol].allowsRawMessages) {
    throw new InvalidAttributeError(
      `RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  return word;
}
