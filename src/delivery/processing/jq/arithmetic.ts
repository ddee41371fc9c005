import type { Budget } from './budget.ts';
import {
  codePoints,
  compare,
  isObject,
  JqError,
  type Json,
  type JsonObject,
  member,
  newObject,
  shown,
} from './values.ts';

export type Arithmetic = '+' | '-' | '*' | '/' | '%';

export function calculate(operator: Arithmetic, a: Json, b: Json, budget: Budget): Json {
  switch (operator) {
    case '+':
      return add(a, b, budget);
    case '-':
      return subtract(a, b, budget);
    case '*':
      return multiply(a, b, budget);
    case '/':
      return divide(a, b, budget);
    case '%':
      return modulo(a, b);
  }
}

export function add(a: Json, b: Json, budget: Budget): Json {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  if (a === null) return b;
  if (b === null) return a;
  if (typeof a === 'string' && typeof b === 'string') {
    budget.spendBytes(a.length + b.length);
    return a + b;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    budget.spend(a.length + b.length);
    return [...a, ...b];
  }
  if (isObject(a) && isObject(b)) return merge(a, b, budget);
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be added`);
}

function merge(a: JsonObject, b: JsonObject, budget: Budget): JsonObject {
  const merged = Object.assign(newObject(), a, b);
  budget.spend(Object.keys(merged).length);
  return merged;
}

function subtract(a: Json, b: Json, budget: Budget): Json {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (Array.isArray(a) && Array.isArray(b)) {
    budget.spend(a.length * (b.length + 1));
    return a.filter((value) => !b.some((other) => compare(value, other) === 0));
  }
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be subtracted`);
}

function multiply(a: Json, b: Json, budget: Budget): Json {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  if (typeof a === 'string' && typeof b === 'number') return repeat(a, b, budget);
  if (typeof a === 'number' && typeof b === 'string') return repeat(b, a, budget);
  if (isObject(a) && isObject(b)) return mergeDeep(a, b, budget);
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be multiplied`);
}

function repeat(text: string, times: number, budget: Budget): Json {
  if (!(times > 0)) return null;
  const count = Math.max(1, Math.ceil(times - 1) + (Number.isInteger(times) ? 1 : 0));
  budget.spendBytes(text.length * count);
  return text.repeat(count);
}

function mergeDeep(a: JsonObject, b: JsonObject, budget: Budget): JsonObject {
  const merged = merge(a, newObject(), budget);
  for (const key of Object.keys(b)) {
    const left = member(a, key);
    const right = member(b, key);
    merged[key] = isObject(left) && isObject(right) ? mergeDeep(left, right, budget) : right;
  }
  return merged;
}

function divide(a: Json, b: Json, budget: Budget): Json {
  if (typeof a === 'number' && typeof b === 'number') {
    if (b === 0)
      throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided because the divisor is zero`);
    return a / b;
  }
  if (typeof a === 'string' && typeof b === 'string') return splitText(a, b, budget);
  throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided`);
}

export function splitText(text: string, separator: string, budget: Budget): string[] {
  budget.spendBytes(text.length);
  if (text === '') return [];
  return separator === '' ? codePoints(text) : text.split(separator);
}

function modulo(a: Json, b: Json): Json {
  if (typeof a !== 'number' || typeof b !== 'number') {
    throw new JqError(`${shown(a)} and ${shown(b)} cannot be divided`);
  }
  const divisor = Math.trunc(Math.abs(b));
  if (divisor === 0)
    throw new JqError(
      `${shown(a)} and ${shown(b)} cannot be divided (remainder) because the divisor is zero`,
    );
  return (Math.trunc(a) % divisor) + 0;
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

export function holds(operator: Comparison, a: Json, b: Json): boolean {
  const order = typeof a === typeof b && typeof a !== 'object' && a === b ? 0 : compare(a, b);
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

export function negate(value: Json): Json {
  if (typeof value !== 'number') throw new JqError(`${shown(value)} cannot be negated`);
  return -value;
}
