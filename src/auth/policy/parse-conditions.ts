import { parseAddressRange, parseBinary, parseBoolean, parseDate, parseNumber } from './condition-values.ts';
import { type BaseOperator, type Condition, parseOperator } from './document.ts';
import { legacyParsingError, MalformedPolicyError, syntaxError } from './errors.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Parses a Condition element. A value that its operator cannot compare is refused, because the negated operators would
 * match every request with it.
 */
export function parseConditions(condition: JsonObject): readonly Condition[] {
  const conditions: Condition[] = [];
  for (const [name, keys] of Object.entries(condition)) {
    const operator = parseOperator(name);
    if (operator === undefined) throw syntaxError();
    if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) throw syntaxError();
    for (const [key, given] of Object.entries(keys)) {
      if (!key.includes(':')) {
        throw new MalformedPolicyError(
          'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
        );
      }
      const values = valuesOf(given);
      checkValues(operator.base, values);
      conditions.push({ operator, key, values });
    }
  }
  return conditions;
}

function valuesOf(given: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.map((value) => {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw syntaxError();
  });
}

function checkValues(operator: BaseOperator, values: readonly string[]): void {
  const parse = parserOf(operator);
  if (parse === undefined || values.every((value) => parse(value) !== undefined)) return;
  throw operator.startsWith('Date') ? legacyParsingError() : syntaxError();
}

/** Undefined for operators that compare texts. */
function parserOf(operator: BaseOperator): ((text: string) => unknown) | undefined {
  if (operator.startsWith('Numeric')) return parseNumber;
  if (operator.startsWith('Date')) return parseDate;
  if (operator.endsWith('IpAddress')) return parseAddressRange;
  if (operator === 'Bool' || operator === 'Null') return parseBoolean;
  return operator === 'BinaryEquals' ? parseBinary : undefined;
}
