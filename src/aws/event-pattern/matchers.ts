import { BlockList, isIP } from 'node:net';
import { EventPatternError, type Scalar } from './types.ts';
import { compileWildcard } from './wildcard.ts';

/** Decides whether one value of an event matches one element of a pattern's array. */
export type Matcher = (value: Scalar) => boolean;

/** The operators of event patterns. `exists` is compiled with the pattern, because it looks at the whole event. */
export const operators = [
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'numeric',
  'exists',
  'cidr',
] as const;

export type Operator = (typeof operators)[number];

/**
 * Compiles `{operator: operand}`; `isStored` reads patterns that older versions accepted. Throws EventPatternError.
 * The rules and messages are those of AWS's event-ruler (JsonRuleCompiler).
 */
export function compileOperator(
  operator: Exclude<Operator, 'exists'>,
  operand: unknown,
  isStored: boolean,
): Matcher {
  switch (operator) {
    case 'anything-but':
      return compileAnythingBut(operand, isStored);
    case 'numeric':
      return compileNumeric(operand, isStored);
    case 'cidr':
      return compileCidr(operand, isStored);
    case 'prefix':
    case 'suffix':
      return onText(compileAffix(operator, operand));
    case 'equals-ignore-case':
    case 'wildcard':
      return onText(compileText(operator, operand, isStored));
  }
}

/** A scalar equals itself; an IP address also equals its other notations, as in event-ruler. */
export function compileExact(expected: Scalar): Matcher {
  if (typeof expected !== 'string' || isIP(expected) !== 6) return (value) => value === expected;
  const block = new BlockList();
  block.addAddress(expected, 'ipv6');
  return (value) =>
    value === expected || (typeof value === 'string' && isIP(value) === 6 && block.check(value, 'ipv6'));
}

type TextTest = (text: string) => boolean;

function onText(test: TextTest): Matcher {
  return (value) => typeof value === 'string' && test(value);
}

/** `"ab"`, or `{"equals-ignore-case": "ab"}`. */
function compileAffix(operator: 'prefix' | 'suffix', operand: unknown): TextTest {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [entry, ...others] = Object.entries(operand);
    if (entry?.[0] !== 'equals-ignore-case') {
      throw new EventPatternError(`Unsupported ${operator} pattern: ${entry?.[0] ?? ''}`);
    }
    if (others.length > 0) throw onlyOneKey();
    const affix = textOperand('equals-ignore-case', entry[1]).toLowerCase();
    const test = affixTest(operator, affix);
    return (text) => test(text.toLowerCase());
  }
  return affixTest(operator, textOperand(operator, operand));
}

function affixTest(operator: 'prefix' | 'suffix', affix: string): TextTest {
  return operator === 'prefix' ? (text) => text.startsWith(affix) : (text) => text.endsWith(affix);
}

function compileText(
  operator: 'equals-ignore-case' | 'wildcard',
  operand: unknown,
  isStored: boolean,
): TextTest {
  const expected = textOperand(operator, operand);
  if (operator === 'wildcard') return compileWildcard(expected, isStored);
  const folded = expected.toLowerCase();
  return (text) => text.toLowerCase() === folded;
}

function textOperand(operator: string, operand: unknown): string {
  if (typeof operand === 'string') return operand;
  throw new EventPatternError(`${operator} match pattern must be a string`);
}

function compileAnythingBut(operand: unknown, isStored: boolean): Matcher {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [entry, ...others] = Object.entries(operand);
    if (entry === undefined) throw new EventPatternError('Anything-But expression name not found');
    if (others.length > 0 && !isStored) throw tooManyElements();
    const excluded = compileExcludedTexts(entry[0], entry[1], isStored);
    return (value) => typeof value !== 'string' || !excluded.some((test) => test(value));
  }
  const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
  const isText = excluded.every((value) => typeof value === 'string');
  const isNumber = excluded.every((value) => typeof value === 'number');
  if (excluded.length === 0 || (!isText && !isNumber && !isStored)) {
    throw new EventPatternError(
      excluded.every((value) => typeof value === 'string' || typeof value === 'number')
        ? 'Inside anything but list, either all values are number or string, mixed type is not supported'
        : 'Inside anything but list, start|null|boolean is not supported.',
    );
  }
  const values = new Set(excluded);
  return (value) => !values.has(value);
}

/** `{"anything-but": {"prefix": "a"}}` or `{"prefix": ["a", "b"]}`. */
function compileExcludedTexts(operator: string, operand: unknown, isStored: boolean): TextTest[] {
  const operands: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (operands.length === 0) throw new EventPatternError('Empty arrays are not allowed');
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return operands.map((one) => {
        if (typeof one !== 'string' && !isStored) {
          throw new EventPatternError('prefix/suffix match pattern must be a string');
        }
        if (one === '' && !isStored) throw new EventPatternError('Null prefix/suffix not allowed');
        return compileAffix(operator, one);
      });
    case 'equals-ignore-case':
    case 'wildcard':
      return operands.map((one) => compileText(operator, one, isStored));
    default:
      throw new EventPatternError(`Unsupported anything-but pattern: ${operator}`);
  }
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 1]`, `[">", 0]`, or a range starting with its lower bound: `[">", 0, "<=", 5]`. */
function compileNumeric(operand: unknown, isStored: boolean): Matcher {
  if (!Array.isArray(operand)) throw new EventPatternError('Value of numeric must be an array.');
  if (operand.length < 2 || operand.length % 2 === 1) {
    throw new EventPatternError(`Invalid member in numeric match: ${String(operand.at(-1) ?? ']')}`);
  }
  const tests: { operator: string; bound: number }[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const operator: unknown = operand[index];
    const bound: unknown = operand[index + 1];
    if (typeof operator !== 'string' || !Object.hasOwn(comparisons, operator)) {
      throw new EventPatternError(`Unrecognized numeric range operator: ${String(operator)}`);
    }
    if (typeof bound !== 'number') {
      throw new EventPatternError(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
    }
    tests.push({ operator, bound });
  }
  if (!isStored) checkRange(tests);
  return (value) =>
    typeof value === 'number' &&
    tests.every(({ operator, bound }) => comparisons[operator]?.(value, bound) === true);
}

function checkRange(tests: readonly { readonly operator: string; readonly bound: number }[]): void {
  const [low, high] = tests;
  if (low === undefined || high === undefined) return;
  if (!low.operator.startsWith('>')) throw tooManyElements();
  if (!high.operator.startsWith('<')) {
    throw new EventPatternError(`Bad numeric range operator: ${high.operator}`);
  }
  if (tests.length > 2) throw new EventPatternError('Too many terms in numeric range expression');
  if (low.bound >= high.bound) throw new EventPatternError('Bottom must be less than top');
}

/** A block of IPv4 or IPv6 addresses: `10.0.0.0/24`, `2001:db8::/32`. */
function compileCidr(operand: unknown, isStored: boolean): Matcher {
  const [address = '', bits, ...rest] = textOperand('prefix', operand).split('/');
  if (bits === undefined || rest.length > 0) throw new EventPatternError("Malformed CIDR, one '/' required");
  if (!/^-?\d+$/.test(bits)) throw new EventPatternError('Malformed CIDR, mask bits must be an integer');
  if (Number(bits) < 0) throw new EventPatternError('Malformed CIDR, mask bits must not be negative');
  const version = isIP(address);
  if (version === 0) throw new EventPatternError(`Nonstandard IP address: ${address}`);
  const width = version === 4 ? 32 : 128;
  // event-ruler refuses blocks of a single address; older versions of nagare accepted 32 bits.
  if (Number(bits) > width - (isStored ? 0 : 1)) {
    throw new EventPatternError(`IPv${version} mask bits must be < ${width}`);
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family);
  return (value) => typeof value === 'string' && isIP(value) === version && block.check(value, family);
}

export function onlyOneKey(): EventPatternError {
  return new EventPatternError('Only one key allowed in match expression');
}

function tooManyElements(): EventPatternError {
  return new EventPatternError('Too many elements in numeric expression');
}
