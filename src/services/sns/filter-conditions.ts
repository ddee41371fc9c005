import { isIPv4, BlockList } from 'node:net';
import { invalidParameter } from './errors.ts';

export type Scalar = string | number | boolean | null;

/** Whether the values that stand under a name satisfy it; none, when the name is not there. */
export type Condition = (values: readonly Scalar[]) => boolean;

type Match = (value: Scalar) => boolean;

/** An element of the array under a name of a filter policy. Throws InvalidParameter. */
export function parseCondition(given: unknown): Condition {
  if (isScalar(given)) return some((value) => value === given);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong('Match value must be String, number, true, false, null or an object');
  const entries = Object.entries(given);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) throw wrong('Only one key allowed in match expression');
  const [operator, operand]: [string, unknown] = entry;
  if (operator !== 'exists') return some(parseMatch(operator, operand));
  if (typeof operand !== 'boolean') throw wrong('exists match pattern must be either true or false.');
  return (values) => values.length > 0 === operand;
}

function some(match: Match): Condition {
  return (values) => values.some(match);
}

function parseMatch(operator: string, operand: unknown): Match {
  switch (operator) {
    case 'anything-but':
      return anythingBut(operand);
    case 'numeric':
      return numeric(operand);
    case 'cidr':
      return cidr(operand);
    default:
      return onText(operator, operand);
  }
}

function onText(operator: string, operand: unknown): Match {
  const test = textTest(operator, operand);
  return (value) => typeof value === 'string' && test(value);
}

function textTest(operator: string, operand: unknown): (text: string) => boolean {
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)) {
    throw wrong(`Unrecognized match type ${operator}`);
  }
  if (typeof operand !== 'string') throw wrong(`${operator} match pattern must be a string`);
  switch (operator) {
    case 'prefix':
      return (text) => text.startsWith(operand);
    case 'suffix':
      return (text) => text.endsWith(operand);
    case 'equals-ignore-case':
      return (text) => text.toLowerCase() === operand.toLowerCase();
    default:
      return wildcard(operand);
  }
}

/** `*` stands for any text. The parts between are looked for from left to right, so it takes linear time. */
function wildcard(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return (text) => text === pattern;
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false;
    let from = first.length;
    const end = text.length - last.length;
    for (const part of parts.slice(1, -1)) {
      const at = text.indexOf(part, from);
      if (at < 0 || at + part.length > end) return false;
      from = at + part.length;
    }
    return true;
  };
}

function anythingBut(operand: unknown): Match {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [entry, ...rest] = Object.entries(operand);
    if (entry === undefined || rest.length > 0) throw wrong('Only one key allowed in match expression');
    const [operator, inner]: [string, unknown] = entry;
    const tests = (Array.isArray(inner) ? inner : [inner]).map((one: unknown) => textTest(operator, one));
    return (value) => typeof value === 'string' && !tests.some((test) => test(value));
  }
  const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (excluded.length === 0 || !excluded.every((one) => typeof one === 'string' || typeof one === 'number')) {
    throw wrong('Value of anything-but must be an array or single string/number value.');
  }
  return (value) => !excluded.some((one) => one === value);
}

/** `["=", 5]`, `[">", 0, "<=", 5]` */
function numeric(operand: unknown): Match {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw wrong('Value of numeric must be an array of one or two comparisons.');
  }
  const comparisons: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    comparisons.push(comparison(operand[index], operand[index + 1]));
  }
  if (comparisons.length === 2 && operand.includes('='))
    throw wrong('Too many elements in numeric expression');
  return (value) => typeof value === 'number' && comparisons.every((compare) => compare(value));
}

function comparison(operator: unknown, bound: unknown): (value: number) => boolean {
  if (typeof bound !== 'number') throw wrong('Value of numeric must be a number');
  switch (operator) {
    case '=':
      return (value) => value === bound;
    case '<':
      return (value) => value < bound;
    case '<=':
      return (value) => value <= bound;
    case '>':
      return (value) => value > bound;
    case '>=':
      return (value) => value >= bound;
    default:
      throw wrong(`Unrecognized numeric range operator: ${String(operator)}`);
  }
}

function cidr(operand: unknown): Match {
  const [, address, bits] = typeof operand === 'string' ? (/^([\d.]+)\/(\d{1,2})$/.exec(operand) ?? []) : [];
  if (address === undefined || !isIPv4(address) || Number(bits) > 32) {
    throw wrong('Malformed CIDR; nagare takes those of IPv4');
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), 'ipv4');
  return (value) => typeof value === 'string' && isIPv4(value) && block.check(value, 'ipv4');
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function wrong(reason: string): Error {
  return invalidParameter(`FilterPolicy: ${reason}`);
}
