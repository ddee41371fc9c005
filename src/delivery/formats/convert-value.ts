import { FieldIndex, normalKey } from './field-index.ts';
import type { HiveField, HiveType } from './hive-type.ts';
import { JsonNumber } from './json-documents.ts';
import { formatLimits } from './limits.ts';
import { invalidText, malformedData, mismatch } from './malformed.ts';
import { decimalOf, InexactNumberError, numberText, toDecimal, toDouble, toInteger } from './numbers.ts';
import { notAnObject, type SerDeRules } from './serde.ts';
import { parseDate } from './times.ts';

/** Converts a value of a document to one for the Parquet writer. Null stays null. Throws ConversionError. */
export type Convert = (value: unknown) => unknown;

type Scalar = string | boolean | number | JsonNumber;

export function converter(type: HiveType, rules: SerDeRules): Convert {
  const convert = valueConverter(type, rules);
  return (value) => (value === null || value === undefined ? null : convert(value));
}

function valueConverter(type: HiveType, rules: SerDeRules): Convert {
  switch (type.kind) {
    case 'integer':
      return integerConverter(type.bits, rules);
    case 'float':
      return floatConverter(rules);
    case 'double':
      // JSON.parse reads 1e999 as Infinity.
      return (value) => (Number.isFinite(value) ? value : toDouble(numeric(value, rules)));
    case 'decimal':
      return decimalConverter(type.precision, type.scale, rules);
    case 'boolean':
      return (value) => booleanOf(value, rules);
    case 'text':
      return textConverter(type.charactersMax, rules);
    case 'binary':
      return bytesOf;
    case 'date':
      return (value) => parseDate(typeof value === 'string' ? value : textOfScalar(scalar(value)));
    case 'timestamp':
      return (value) => {
        const given = scalar(value);
        if (typeof given === 'boolean') throw invalidText(String(given));
        return rules.timestamp(given);
      };
    case 'array':
      return arrayConverter(type.element, rules);
    case 'map':
      return mapConverter(type, rules);
    case 'struct':
      return structConverter(type.fields, rules);
  }
}

function integerConverter(bits: 8 | 16 | 32 | 64, rules: SerDeRules): Convert {
  const max = 2n ** BigInt(bits - 1) - 1n;
  const min = -max - 1n;
  if (bits === 64) {
    return (value) =>
      typeof value === 'number' && Number.isSafeInteger(value)
        ? BigInt(value)
        : toInteger(numeric(value, rules), min, max);
  }
  const [least, most] = [Number(min), Number(max)];
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      // Turns -0 into 0.
      return value + 0;
    }
    return Number(toInteger(numeric(value, rules), min, max));
  };
}

function decimalConverter(precision: number, scale: number, rules: SerDeRules): Convert {
  return (value) =>
    typeof value === 'number'
      ? decimalOf(value, precision, scale)
      : toDecimal(numeric(value, rules), precision, scale);
}

function floatConverter(rules: SerDeRules): Convert {
  return (value) => {
    const double = typeof value === 'number' ? value : toDouble(numeric(value, rules));
    if (!Number.isFinite(Math.fround(double))) throw mismatch(`Value ${double} is out of range for a float.`);
    return double;
  };
}

/** Returns the text of a number or, if the SerDe is lenient, a text that contains one. */
function numeric(value: unknown, { isLenient }: SerDeRules): string {
  const given = scalar(value);
  if (typeof given === 'number' || given instanceof JsonNumber) return numberText(given);
  if (!isLenient) {
    const token = typeof given === 'string' ? 'VALUE_STRING' : given ? 'VALUE_TRUE' : 'VALUE_FALSE';
    throw mismatch(`Current token (${token}) not numeric, can not use numeric value accessors`);
  }
  return String(given);
}

function scalar(value: unknown): Scalar {
  if (value instanceof JsonNumber) return value;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  throw mismatch(
    Array.isArray(value) ? 'The column cannot hold a JSON array.' : 'The column cannot hold a JSON object.',
  );
}

function textOfScalar(value: Scalar): string {
  return value instanceof JsonNumber ? value.text : String(value);
}

function booleanOf(value: unknown, { isLenient }: SerDeRules): boolean {
  if (typeof value === 'boolean') return value;
  const text = textOfScalar(scalar(value));
  const lower = text.toLowerCase();
  if (isLenient && typeof value === 'string' && (lower === 'true' || lower === 'false'))
    return lower === 'true';
  if (isLenient) throw invalidText(text);
  throw mismatch(
    `Current token (${typeof value === 'string' ? 'VALUE_STRING' : 'VALUE_NUMBER'}) not of boolean type`,
  );
}

function textConverter(charactersMax: number | undefined, rules: SerDeRules): Convert {
  return (value) => {
    const text = typeof value === 'string' ? value : jsonText(value, rules, 0);
    if (charactersMax !== undefined && charactersIn(text) > charactersMax) {
      throw mismatch(`A text has more than ${charactersMax} characters.`);
    }
    return text;
  };
}

/** Code points, as Hive counts them. */
function charactersIn(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length - 1; at++) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) count--;
  }
  return count;
}

/** Converts other values to text: numbers as they were written, objects as compact JSON. */
function jsonText(value: unknown, rules: SerDeRules, depth: number): string {
  // JSON.parse has turned 1.0 into 1.
  if (typeof value === 'number') throw new InexactNumberError();
  if (value instanceof JsonNumber) return value.text;
  if (typeof value !== 'object' || value === null) {
    return depth === 0 ? String(value) : JSON.stringify(value);
  }
  if (!rules.isLenient) {
    throw malformedData('One or more fields have incorrect format. Exception when validating field (root)');
  }
  if (depth > formatLimits.jsonDepthMax) throw mismatch('The document is nested too deeply.');
  if (Array.isArray(value)) {
    return `[${value.map((element: unknown) => jsonText(element, rules, depth + 1)).join(',')}]`;
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(normalKey(key, rules))}:${jsonText(member, rules, depth + 1)}`,
  );
  return `{${members.join(',')}}`;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !base64.test(value)) {
    throw mismatch('A binary column must contain base64.');
  }
  return Buffer.from(value, 'base64');
}

function arrayConverter(element: HiveType, rules: SerDeRules): Convert {
  const convert = converter(element, rules);
  return (value) => {
    if (Array.isArray(value)) return value.map(convert);
    if (!rules.isLenient) throw mismatch('java.io.IOException: Start of Array expected');
    return [convert(value)];
  };
}

function mapConverter(
  { key, value: valueType }: HiveType & { readonly kind: 'map' },
  rules: SerDeRules,
): Convert {
  const convertKey = converter(key, { ...rules, isLenient: true });
  const convertValue = converter(valueType, rules);
  return (value) => {
    if (!isObject(value)) throw notAMap(value, rules);
    const entries = Object.entries(value).map(
      ([name, member]) => [convertKey(normalKey(name, rules)), convertValue(member)] as const,
    );
    // If keys are equal in lower case, the last one wins, as for duplicate keys.
    return [...new Map(entries)];
  };
}

function notAMap(value: unknown, { isLenient }: SerDeRules): Error {
  if (!isLenient) return mismatch('java.io.IOException: Start of Object expected');
  if (Array.isArray(value)) return mismatch('A map column cannot hold a JSON array.');
  return notAnObject(value);
}

function structConverter(fields: readonly HiveField[], rules: SerDeRules): Convert {
  const read = objectReader(fields, rules, {});
  const names = fields.map(({ name }) => name);
  const nulls = names.map((): unknown => null);
  return (value) => {
    const row = nulls.slice();
    if (isObject(value)) read(value, row);
    else if (Array.isArray(value) && rules.isLenient) {
      // OpenX reads an array as a struct, by position.
      const converters = fields.map(({ type }) => converter(type, rules));
      for (const [index, convert] of converters.entries()) row[index] = convert(value[index]);
    } else
      throw rules.isLenient ? notAnObject(value) : mismatch('java.io.IOException: Start of Object expected');
    return Object.fromEntries(names.map((name, index) => [name, row[index]]));
  };
}

/**
 * Copies an object's members into `row`, which has a null for each field. A key that matches a field exactly takes
 * precedence over other keys.
 */
export function objectReader(
  fields: readonly HiveField[],
  rules: SerDeRules,
  keyOfColumn: Readonly<Record<string, string>>,
): (object: object, row: unknown[]) => void {
  const index = new FieldIndex(
    fields.map(({ name }) => name),
    rules,
    keyOfColumn,
  );
  const converters = fields.map(({ type }) => converter(type, rules));
  return (object, row) => {
    // The object has no prototype or comes from JSON.parse, so all enumerable keys are its own.
    for (const key in object) {
      const exact = index.exact(key);
      const at = exact ?? index.similar(key);
      if (at < 0) continue;
      if (exact === undefined && hasExact(object, at)) continue;
      const value = (object as Readonly<Record<string, unknown>>)[key];
      row[at] = converters[at]?.(value);
    }
  };

  function hasExact(object: object, at: number): boolean {
    const name = fields[at]?.name ?? '';
    return Object.hasOwn(object, (Object.hasOwn(keyOfColumn, name) ? keyOfColumn[name] : undefined) ?? name);
  }
}

export function isObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}
