/** A JSON value. Objects that jq creates have no prototype, but those of JSON.parse have one: read own keys only. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

/** An error that a program raises and `try` catches. */
export class JqError extends Error {
  override readonly name = 'JqError';
  readonly value: Json;

  constructor(value: Json) {
    super(typeof value === 'string' ? value : `${toText(value)} (not a string)`);
    this.value = value;
  }
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

export function isTrue(value: Json): boolean {
  return value !== null && value !== false;
}

export function newObject(): JsonObject {
  // Without a prototype: a key called __proto__ is a key.
  return Object.create(null) as JsonObject;
}

export function member(value: JsonObject, key: string): Json {
  return Object.hasOwn(value, key) ? (value[key] ?? null) : null;
}

/** Compares by Unicode code points, as jq sorts strings; JavaScript compares UTF-16 units. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    // Surrogates represent characters above U+FFFF.
    const leftPair = left >= 0xd800 && left <= 0xdfff;
    const rightPair = right >= 0xd800 && right <= 0xdfff;
    return leftPair === rightPair ? left - right : leftPair ? 1 : -1;
  }
  return a.length - b.length;
}

export function sortedKeys(value: JsonObject): string[] {
  return Object.keys(value).toSorted(compareText);
}

function rank(value: Json): number {
  if (value === null) return 0;
  if (value === false) return 1;
  if (value === true) return 2;
  if (typeof value === 'number') return 3;
  if (typeof value === 'string') return 4;
  return Array.isArray(value) ? 5 : 6;
}

/** Compares two values in jq's sort order. */
export function compare(a: Json, b: Json): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  if (typeof a === 'number' && typeof b === 'number') {
    // nan is less than any number, itself included.
    if (Number.isNaN(a)) return -1;
    if (Number.isNaN(b)) return 1;
    return a - b;
  }
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  if (isObject(a) && isObject(b)) {
    const keys = sortedKeys(a);
    const byKeys = compareArrays(keys, sortedKeys(b));
    if (byKeys !== 0) return byKeys;
    for (const key of keys) {
      const byValue = compare(member(a, key), member(b, key));
      if (byValue !== 0) return byValue;
    }
  }
  return 0;
}

function compareArrays(a: readonly Json[], b: readonly Json[]): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const order = compare(a[at] ?? null, b[at] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Writes compact JSON with jq's number format. */
export function toText(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) return `[${value.map(toText).join(',')}]`;
  const members = Object.keys(value).map((key) => `${stringText(key)}:${toText(member(value, key))}`);
  return `{${members.join(',')}}`;
}

function stringText(value: string): string {
  // jq escapes DEL, JSON.stringify does not.
  return JSON.stringify(value.toWellFormed()).replaceAll('\u007f', String.raw`\u007f`);
}

/** Formats numbers as jq 1.6 does: `1e+17`, `1e-05`, `0.1`. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'null';
  const finite = Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE;
  const [, sign = '', lead = '', rest = '', exponent = '0'] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(finite.toExponential()) ?? [];
  const digits = lead + rest;
  const point = Number(exponent) + 1;
  if (finite === 0) return Object.is(finite, -0) ? '-0' : '0';
  if (point <= -4 || point > digits.length + 15) {
    const power = point - 1;
    const text = `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
    return `${sign}${lead}${rest === '' ? '' : `.${rest}`}e${text}`;
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits + '0'.repeat(point - digits.length);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** jq's `tostring`: strings unchanged, other values as JSON. */
export function tostring(value: Json): string {
  return typeof value === 'string' ? value : toText(value);
}

/** A value in an error message: at most 10 characters, as jq does. */
export function shown(value: Json): string {
  const text = toText(value);
  const short = text.length > 11 ? `${text.slice(0, 8)}...` : text;
  return `${typeOf(value)} (${short})`;
}

/** The characters of a text, by Unicode code points. */
export function codePoints(text: string): string[] {
  return Array.from(text);
}
