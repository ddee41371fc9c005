import { invalidParameter } from './errors.ts';
import { parseCondition } from './filter-conditions.ts';
import type { Condition, Scalar } from './filter-conditions.ts';
import type { MessageAttribute } from './notification.ts';
import type { SubscriptionAttributes } from './topic.ts';

/** What a filter looks at: a message's attributes, each with its values, or its body. */
type Node = { readonly [name: string]: unknown };
type Test = (node: Node) => boolean;
type Scope = NonNullable<SubscriptionAttributes['FilterPolicyScope']>;

const PARSED_MAX = 1_000;
const parsed = new Map<string, Test>();

/** Whether a subscription's filter lets a message through. */
export function accepts(
  { FilterPolicy: policy, FilterPolicyScope: scope = 'MessageAttributes' }: SubscriptionAttributes,
  message: {
    readonly message: string;
    readonly attributes: Readonly<Record<string, MessageAttribute>> | undefined;
  },
): boolean {
  if (policy === undefined) return true;
  const node = scope === 'MessageBody' ? bodyNode(message.message) : attributesNode(message.attributes ?? {});
  return node !== undefined && testOf(policy, scope)(node);
}

/** Throws InvalidParameter when it is no filter policy for that scope. */
export function checkFilterPolicy(policy: string, scope: Scope): void {
  testOf(policy, scope);
}

function testOf(policy: string, scope: Scope): Test {
  const key = `${scope} ${policy}`;
  let test = parsed.get(key);
  if (test === undefined) {
    test = parsePolicy(parseJson(policy), scope);
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(key, test);
  }
  return test;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidParameter('FilterPolicy: failed to parse JSON.');
  }
}

/** All keys must match; of `$or`, one of its policies. */
function parsePolicy(policy: unknown, scope: Scope): Test {
  if (!isObject(policy)) throw invalidParameter('FilterPolicy: Filter policy must be a JSON object.');
  const tests = Object.entries(policy).map(([name, value]): Test => {
    if (name === '$or') return parseOr(value, scope);
    if (Array.isArray(value)) return parseConditions(name, value);
    if (isObject(value) && scope === 'MessageBody') return parseNested(name, parsePolicy(value, scope));
    throw invalidParameter(
      `FilterPolicy: "${name}" must be an ${scope === 'MessageBody' ? 'object or an ' : ''}array.`,
    );
  });
  return (node) => tests.every((test) => test(node));
}

function parseOr(value: unknown, scope: Scope): Test {
  if (!Array.isArray(value) || value.length < 2) {
    throw invalidParameter('FilterPolicy: "$or" must be an array of at least two objects.');
  }
  const tests = value.map((policy: unknown) => parsePolicy(policy, scope));
  return (node) => tests.some((test) => test(node));
}

function parseConditions(name: string, given: readonly unknown[]): Test {
  if (given.length === 0) throw invalidParameter(`FilterPolicy: "${name}" must not be empty.`);
  const conditions: Condition[] = given.map(parseCondition);
  return (node) => {
    const values = Object.hasOwn(node, name) ? scalars(node[name]) : [];
    return conditions.some((condition) => condition(values));
  };
}

function parseNested(name: string, test: Test): Test {
  return (node) => {
    const inner = Object.hasOwn(node, name) ? node[name] : undefined;
    const candidates: unknown[] = Array.isArray(inner) ? inner : [inner];
    // A missing object may still be what the policy asks for: {"exists": false}.
    return candidates.some((candidate) => test(isObject(candidate) ? candidate : {}));
  };
}

/** An array matches when one of its elements does. */
function scalars(value: unknown): Scalar[] {
  if (Array.isArray(value)) return value.flatMap(scalars);
  return typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    value === null
    ? [value]
    : [];
}

function attributesNode(attributes: Readonly<Record<string, MessageAttribute>>): Node {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { Type, Value }]) => [name, attributeValue(Type, Value)]),
  );
}

function attributeValue(type: string, value: string): unknown {
  if (type === 'Number' || type.startsWith('Number.')) return Number(value);
  if (type === 'String.Array') {
    try {
      return JSON.parse(value);
    } catch {
      return [];
    }
  }
  return type.startsWith('Binary') ? [] : value;
}

function bodyNode(message: string): Node | undefined {
  try {
    const body: unknown = JSON.parse(message);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
