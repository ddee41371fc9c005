import type { JsonNumber } from './json-documents.ts';
import { invalidText, mismatch } from './malformed.ts';

/** A double cannot represent the number exactly. The record must be read again with the texts of its numbers. */
export class InexactNumberError extends Error {
  override readonly name = 'InexactNumberError';
}

const POWERS = Array.from({ length: 77 }, (_, exponent) => 10n ** BigInt(exponent));
const EXPONENT_MAX = 100_000;

/** A decimal number: digits * 10^-scale. */
export interface ParsedDecimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Undefined for a text that is not a number. Of extremely large or small numbers, only the magnitude is kept. */
export function parseDecimal(text: string): ParsedDecimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { digits, scale: 0 };
  const exponent = Math.max(-EXPONENT_MAX, Math.min(EXPONENT_MAX, Number(exponentText)));
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length - exponent };
}

/**
 * Returns the number * 10^scale, rounded half up as in Hive. Undefined if the result has more than `digitsMax` digits.
 */
export function rescaled(
  { digits, scale: from }: ParsedDecimal,
  scale: number,
  digitsMax: number,
): bigint | undefined {
  const magnitude = digits < 0n ? -digits : digits;
  const length = magnitude === 0n ? 0 : magnitude.toString().length;
  // Check the number of digits first, so that 1e100000 is never written out.
  if (length - from + scale > digitsMax) return undefined;
  const shift = from - scale;
  if (shift > length) return 0n;
  const result = shift <= 0 ? magnitude * power(-shift) : rounded(magnitude, power(shift));
  if (result >= power(digitsMax)) return undefined;
  return digits < 0n ? -result : result;
}

function rounded(magnitude: bigint, divisor: bigint): bigint {
  return (magnitude + divisor / 2n) / divisor;
}

function power(exponent: number): bigint {
  return POWERS[exponent] ?? 10n ** BigInt(exponent);
}

/** Returns the text of a number from JSON.parse. Throws InexactNumberError if a double cannot represent it exactly. */
export function numberText(value: number | JsonNumber): string {
  if (typeof value !== 'number') return value.text;
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new InexactNumberError();
  }
  return String(value);
}

/** An integer within the bounds of its type. */
export function toInteger(text: string, min: bigint, max: bigint): bigint {
  const parsed = parseDecimal(text.trim());
  if (parsed === undefined) throw invalidText(text);
  const value = rescaled(parsed, 0, 20);
  if (value === undefined || value < min || value > max) throw mismatch(`Value ${text} is out of range.`);
  // Not a whole number.
  if (parsed.scale > 0 && parsed.digits !== value * power(parsed.scale)) throw invalidText(text);
  return value;
}

/** A number from JSON.parse with no more digits than a double keeps. */
export function decimalOf(value: number, precision: number, scale: number): bigint {
  const text = numberText(value);
  const point = text.indexOf('.');
  const fraction = point < 0 ? 0 : text.length - point - 1;
  if (fraction > scale || text.length > 16 || text.includes('e')) return toDecimal(text, precision, scale);
  const digits = Number(point < 0 ? text : text.slice(0, point) + text.slice(point + 1));
  const unscaled = BigInt(digits) * power(scale - fraction);
  const max = power(precision);
  return unscaled >= max || unscaled <= -max ? toDecimal(text, precision, scale) : unscaled;
}

export function toDecimal(text: string, precision: number, scale: number): bigint {
  const parsed = parseDecimal(text.trim());
  if (parsed === undefined) throw invalidText(text);
  const value = rescaled(parsed, scale, precision);
  if (value === undefined) {
    throw mismatch(`Value ${text} is out of range for decimal(${precision},${scale}).`);
  }
  return value;
}

export function toDouble(text: string): number {
  const trimmed = text.trim();
  const value = Number(trimmed);
  // `Number` accepts `0x10`, and reads the empty text as 0.
  if (parseDecimal(trimmed) === undefined) throw invalidText(text);
  if (!Number.isFinite(value)) throw mismatch(`Value ${text} is out of range.`);
  return value;
}
