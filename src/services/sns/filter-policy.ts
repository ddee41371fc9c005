import { compileEventPattern, type EventPattern } from '../../aws/event-pattern/event-pattern.ts';
import { EventPatternError, isJsonObject, type JsonObject } from '../../aws/event-pattern/types.ts';
import { snsLimits } from './limits.ts';
import { InvalidAttributeError } from './errors.ts';
import type { MessageAttribute } from './notification.ts';
import type { SubscriptionAttributes } from './topic.ts';

type Scope = NonNullable<SubscriptionAttributes['FilterPolicyScope']>;

const nestedPolicy = 'Filter policy scope MessageAttributes does not support nested filter policy';

interface FilteredMessage {
  readonly message: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>> | undefined;
}

/**
 * Returns what decides for each subscription whether its filter policy accepts the message. The message is parsed once
 * for all of them.
 */
export function filterOf(message: FilteredMessage): (subscription: SubscriptionAttributes) => boolean {
  const events: Partial<Record<Scope, JsonObject | 'none'>> = {};
  return (subscription) => {
    if (subscription.FilterPolicy === undefined) return true;
    const { FilterPolicyScope: scope = 'MessageAttributes' } = subscription;
    const event = (events[scope] ??= eventOf(scope, message));
    return event !== 'none' && patternOf(subscription, subscription.FilterPolicy, scope)(event);
  };
}

/**
 * Checks a filter policy for that scope by the rules of SNS's guide "Filter policy constraints". Throws
 * InvalidAttributeError with the violated rule.
 */
export function checkFilterPolicy(policy: string, scope: Scope): void {
  const rule = brokenRule(policy, scope);
  if (rule !== undefined) throw new InvalidAttributeError(`FilterPolicy: ${rule}`);
}

/** The rule that a policy violates; undefined when it is valid. Policies stored by older versions may violate some. */
export function brokenRule(policy: string, scope: Scope): string | undefined {
  try {
    compilePolicy(policy, scope, false);
    return undefined;
  } catch (error) {
    if (error instanceof EventPatternError) return error.message;
    throw error;
  }
}

/** The patterns of subscriptions, whose rows are never changed but replaced. */
const patterns = new WeakMap<SubscriptionAttributes, EventPattern>();

/** A policy that older versions accepted and the current rules refuse keeps its old meaning. */
function patternOf(subscription: SubscriptionAttributes, policy: string, scope: Scope): EventPattern {
  let pattern = patterns.get(subscription);
  if (pattern === undefined) {
    pattern = compilePolicy(policy, scope, brokenRule(policy, scope) !== undefined);
    patterns.set(subscription, pattern);
  }
  return pattern;
}

function compilePolicy(policy: string, scope: Scope, isStored: boolean): EventPattern {
  const parsed = parseJson(policy);
  if (parsed === undefined) throw new EventPatternError('failed to parse JSON.');
  if (!isJsonObject(parsed)) throw new EventPatternError('Filter policy must be a JSON object.');
  if (Object.keys(parsed).length === 0) return () => true;
  if (!isStored) checkSize(parsed, scope);
  return compileEventPattern(parsed, { isStored });
}

function checkSize(policy: JsonObject, scope: Scope): void {
  const keys = new Set<string>();
  const combinations = countCombinations(policy, scope, [], keys);
  if (keys.size > snsLimits.filterPolicyKeysMax) {
    throw new EventPatternError(`Filter policy can not have more than ${snsLimits.filterPolicyKeysMax} keys`);
  }
  if (combinations > snsLimits.filterPolicyCombinationsMax) {
    throw new EventPatternError('Filter policy is too complex');
  }
}

/**
 * The number of combinations as SNS's guide defines it: the product of the number of values of each key; for a policy
 * on the body each is multiplied by the depth of its key; alternatives add up. Adds the paths of the keys to `keys`.
 */
function countCombinations(
  policy: JsonObject,
  scope: Scope,
  path: readonly string[],
  keys: Set<string>,
): number {
  let combinations = 1;
  for (const [name, member] of Object.entries(policy)) {
    const memberPath = [...path, name];
    if (name === '$or' && Array.isArray(member)) {
      const counts = member.filter(isJsonObject).map((one) => countCombinations(one, scope, path, keys));
      combinations *= counts.reduce((sum, count) => sum + count, 0);
    } else if (Array.isArray(member)) {
      keys.add(memberPath.join('.'));
      combinations *= member.length * (scope === 'MessageBody' ? memberPath.length : 1);
    } else if (isJsonObject(member)) {
      if (scope === 'MessageAttributes') throw new EventPatternError(nestedPolicy);
      combinations *= countCombinations(member, scope, memberPath, keys);
    }
  }
  return combinations;
}

/** What the policies of a scope are about; none if the body is not a JSON object. */
function eventOf(scope: Scope, { message, attributes = {} }: FilteredMessage): JsonObject | 'none' {
  if (scope === 'MessageBody') {
    const body = parseJson(message);
    return isJsonObject(body) ? body : 'none';
  }
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { Type, Value }]) => [name, valueOf(Type, Value)]),
  );
}

function valueOf(type: string, value: string): unknown {
  if (type === 'Number' || type.startsWith('Number.')) return Number(value);
  if (type === 'String.Array') return parseJson(value) ?? [];
  return type.startsWith('Binary') ? [] : value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
