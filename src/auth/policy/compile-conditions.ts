import { ArnPattern } from './arn-pattern.ts';
import { parseAddressRange, parseBinary, parseBoolean, parseDate, parseNumber } from './condition-values.ts';
import type { BaseOperator, Condition, PolicyVersion } from './document.ts';
import type { RequestContext } from './request-context.ts';
import { TextPattern } from './text-pattern.ts';

export type CompiledCondition = (context: RequestContext) => boolean;

/** Whether one value of the request matches one of the policy. */
type Comparison = (value: string, context: RequestContext) => boolean;

/** Negated operators match a request that does not have the key. */
const negated = /Not(?=Equals|Like|IpAddress)/;

export function compileCondition(condition: Condition, version: PolicyVersion): CompiledCondition {
  const { operator, values } = condition;
  const key = condition.key.toLowerCase();
  if (operator.base === 'Null') return compileNull(key, values);
  const isNegated = negated.test(operator.base);
  const comparisons = values.map((value) => compileComparison(operator.base, value, version));
  const matches: Comparison = (value, context) =>
    comparisons.some((compare) => compare(value, context)) !== isNegated;
  const matchesOne: Comparison = (value, context) => comparisons.some((compare) => compare(value, context));
  return (context) => {
    const given = context.get(key) ?? [];
    context.steps.spend(given.length * comparisons.length);
    if (operator.quantifier === 'all') return given.every((value) => matches(value, context));
    if (given.length === 0) return operator.ifExists || (isNegated && operator.quantifier === undefined);
    if (operator.quantifier === 'any') return given.some((value) => matches(value, context));
    return given.some((value) => matchesOne(value, context)) !== isNegated;
  };
}

function compileNull(key: string, values: readonly string[]): CompiledCondition {
  const accepted = values.map((value) => parseBoolean(value));
  return (context) => accepted.includes((context.get(key) ?? []).length === 0);
}

function compileComparison(operator: BaseOperator, value: string, version: PolicyVersion): Comparison {
  const variables = version === '2012-10-17';
  if (operator.startsWith('Arn')) {
    const pattern = new ArnPattern(value, { wildcards: true, variables });
    return (given, context) => pattern.matches(given, context);
  }
  if (operator.startsWith('String')) {
    const pattern = TextPattern.of(value, {
      wildcards: operator.endsWith('Like'),
      variables,
      ignoreCase: operator.endsWith('IgnoreCase'),
    });
    return (given, context) => pattern.matches(given, context);
  }
  if (operator.endsWith('IpAddress')) {
    const range = parseAddressRange(value);
    return (given) => range?.has(given) === true;
  }
  if (operator === 'Bool') return equals(parseBoolean, value);
  if (operator === 'BinaryEquals') return equals(parseBinary, value);
  return ordered(operator, operator.startsWith('Date') ? parseDate : parseNumber, value);
}

function equals(parse: (text: string) => unknown, value: string): Comparison {
  const expected = parse(value);
  return (given) => expected !== undefined && parse(given) === expected;
}

function ordered(
  operator: BaseOperator,
  parse: (text: string) => number | undefined,
  value: string,
): Comparison {
  const bound = parse(value);
  const compare = order(operator.replace(/^(?:Numeric|Date)(?:Not)?/, ''));
  return (given) => {
    const number = parse(given);
    return number !== undefined && bound !== undefined && compare(number, bound);
  };
}

function order(name: string): (a: number, b: number) => boolean {
  if (name === 'LessThan') return (a, b) => a < b;
  if (name === 'LessThanEquals') return (a, b) => a <= b;
  if (name === 'GreaterThan') return (a, b) => a > b;
  if (name === 'GreaterThanEquals') return (a, b) => a >= b;
  return (a, b) => a === b;
}
