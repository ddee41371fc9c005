import {
  compileExact,
  compileOperator,
  type Matcher,
  onlyOneKey,
  type Operator,
  operators,
} from './matchers.ts';
import { EventPatternError, isJsonObject, isScalar, type JsonObject } from './types.ts';

/** Decides whether an event, a JSON object, matches a pattern. */
export type EventPattern = (event: JsonObject) => boolean;

export interface EventPatternRules {
  /** The operators that the service supports; default: all. */
  readonly operators?: ReadonlySet<Operator>;
  /** Accepts patterns that older versions of nagare accepted and event-ruler refuses, with their old meaning. */
  readonly isStored?: boolean;
}

/** The condition at the end of a path: one of the values there must match, or there must be none. */
interface Leaf {
  readonly path: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly acceptsAbsence: boolean;
}

/** The condition on an object: all of `members`, and one of each of `alternatives`. */
interface Node {
  readonly leaves: Leaf[];
  readonly members: Map<string, Node>;
  readonly alternatives: Node[][];
}

/**
 * Compiles a pattern of AWS's event pattern language, the one of Lambda's event filtering, SNS's filter policies and
 * EventBridge, by the rules of AWS's own event-ruler: a name with dots also means nested members, in the pattern and
 * in the event; arrays match by one of their elements, however deeply nested, and all conditions on the members of an
 * array's objects must hold for the same object; `exists: false` looks at the whole event. Throws EventPatternError.
 */
export function compileEventPattern(pattern: unknown, rules: EventPatternRules = {}): EventPattern {
  if (!isJsonObject(pattern)) throw new EventPatternError('Filter is not an object');
  const root = newNode();
  addMembers(root, pattern, [], rules);
  return (event) => objectHolds(root, event, event);
}

function newNode(): Node {
  return { leaves: [], members: new Map(), alternatives: [] };
}

function addMembers(
  node: Node,
  pattern: JsonObject,
  path: readonly string[],
  rules: EventPatternRules,
): void {
  const entries = Object.entries(pattern);
  if (entries.length === 0 && rules.isStored !== true) {
    throw new EventPatternError('Empty objects are not allowed');
  }
  for (const [name, member] of entries) {
    if (name === '$or') {
      node.alternatives.push(compileAlternatives(member, path, rules));
      continue;
    }
    const steps = name.split('.');
    const target = steps.reduce(descend, node);
    const memberPath = [...path, ...steps];
    if (Array.isArray(member)) target.leaves.push(compileLeaf(member, memberPath, rules));
    else if (isJsonObject(member)) addMembers(target, member, memberPath, rules);
    else throw new EventPatternError(`"${name}" must be an object or an array`);
  }
}

function descend(node: Node, step: string): Node {
  let member = node.members.get(step);
  if (member === undefined) {
    member = newNode();
    node.members.set(step, member);
  }
  return member;
}

function compileAlternatives(given: unknown, path: readonly string[], rules: EventPatternRules): Node[] {
  if (!Array.isArray(given)) throw new EventPatternError('It must be an Array followed with $or.');
  const alternatives = given.map((pattern: unknown) => {
    if (!isJsonObject(pattern)) {
      throw new EventPatternError('Only JSON object is allowed in array of $or relationship.');
    }
    const node = newNode();
    addMembers(node, pattern, path, rules);
    return node;
  });
  if (alternatives.length < (rules.isStored === true ? 1 : 2)) {
    throw new EventPatternError('There must have at least 2 Objects in $or relationship.');
  }
  return alternatives;
}

function compileLeaf(given: readonly unknown[], path: readonly string[], rules: EventPatternRules): Leaf {
  if (given.length === 0) throw new EventPatternError('Empty arrays are not allowed');
  const matchers: Matcher[] = [];
  let acceptsAbsence = false;
  for (const element of given) {
    if (isScalar(element)) {
      matchers.push(compileExact(element));
      continue;
    }
    if (!isJsonObject(element)) {
      throw new EventPatternError('Match value must be String, number, true, false, or null');
    }
    const [entry, ...others] = Object.entries(element);
    if (entry === undefined) throw new EventPatternError('Match expression name not found');
    if (others.length > 0) throw onlyOneKey();
    const [name, operand] = entry;
    const operator = operators.find((known) => known === name);
    if (operator === undefined || rules.operators?.has(operator) === false) {
      throw new EventPatternError(`Unrecognized match type ${name}`);
    }
    if (operator !== 'exists') matchers.push(compileOperator(operator, operand, rules.isStored === true));
    else if (operand === true) matchers.push(() => true);
    else if (operand === false) acceptsAbsence = true;
    else throw new EventPatternError('exists match pattern must be either true or false.');
  }
  return { path, matchers, acceptsAbsence };
}

function objectHolds(node: Node, object: JsonObject, event: JsonObject): boolean {
  for (const [step, member] of node.members) {
    if (!memberHolds(member, valuesAt(object, step), event)) return false;
  }
  return node.alternatives.every((alternatives) =>
    alternatives.some((alternative) => objectHolds(alternative, object, event)),
  );
}

function memberHolds(member: Node, values: readonly unknown[], event: JsonObject): boolean {
  for (const { path, matchers, acceptsAbsence } of member.leaves) {
    const matches =
      values.some((value) => isScalar(value) && matchers.some((matcher) => matcher(value))) ||
      (acceptsAbsence && !hasScalar(event, path, 0));
    if (!matches) return false;
  }
  if (member.members.size === 0 && member.alternatives.length === 0) return true;
  const objects = values.filter(isJsonObject);
  // Without an object, only `exists: false` can hold.
  return (objects.length === 0 ? [{}] : objects).some((object) => objectHolds(member, object, event));
}

function hasScalar(object: JsonObject, path: readonly string[], depth: number): boolean {
  const isLast = depth === path.length - 1;
  return valuesAt(object, path[depth] ?? '').some((value) =>
    isLast ? isScalar(value) : isJsonObject(value) && hasScalar(value, path, depth + 1),
  );
}

/** The values of a member, with arrays flattened. A dotted name also matches as a path. */
function valuesAt(object: JsonObject, step: string): unknown[] {
  const values: unknown[] = [];
  for (const name of Object.keys(object)) {
    if (name === step) collect(object[name], values);
    else if (name.length > step.length && name.startsWith(step) && name[step.length] === '.') {
      values.push({ [name.slice(step.length + 1)]: object[name] });
    }
  }
  return values;
}

/** Iterative, because arrays in an event may be nested deeply. */
function collect(value: unknown, into: unknown[]): void {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (!Array.isArray(next)) into.push(next);
    else for (const element of next) waiting.push(element);
  }
}
