/** Whether a value, or `undefined` for a place where there is none, is what a pattern asks for. */
export type Matcher = (value: unknown) => boolean;

type Scalar = string | number | boolean | null;

/** One item of a pattern's list: a value to equal, or `{operator: operand}`. Undefined when it is neither. */
export function parseMatcher(item: unknown): Matcher | undefined {
  if (isScalar(item)) return (value) => value === item;
  if (typeof item !== 'object' || item === null) return undefined;
  const entries = Object.entries(item);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return undefined;
  const [operator, operand] = entry;
  return parseOperator(operator, operand);
}

function parseOperator(operator: string, operand: unknown): Matcher | undefined {
  switch (operator) {
    case 'exists':
      return typeof operand === 'boolean' ? (value) => isScalar(value) === operand : undefined;
    case 'anything-but':
      return parseAnythingBut(operand);
    case 'numeric':
      return parseNumeric(operand);
    default:
      return parseText(operator, operand);
  }
}

/** The operators that look at texts. */
function parseText(operator: string, operand: unknown): Matcher | undefined {
  if (operator !== 'equals-ignore-case' && isIgnoringCase(operand)) {
    const inner = parseText(operator, operand['equals-ignore-case'].toLowerCase());
    return inner && ((value) => typeof value === 'string' && inner(value.toLowerCase()));
  }
  if (typeof operand !== 'string') return undefined;
  switch (operator) {
    case 'prefix':
      return onText((text) => text.startsWith(operand));
    case 'suffix':
      return onText((text) => text.endsWith(operand));
    case 'equals-ignore-case':
      return onText((text) => text.toLowerCase() === operand.toLowerCase());
    case 'wildcard':
      return parseWildcard(operand);
    default:
      return undefined;
  }
}

function parseAnythingBut(operand: unknown): Matcher | undefined {
  const unwanted = isScalar(operand) ? [operand] : operand;
  if (Array.isArray(unwanted)) {
    if (unwanted.length === 0 || !unwanted.every(isScalar)) return undefined;
    const set = new Set<unknown>(unwanted);
    return (value) => isScalar(value) && !set.has(value);
  }
  const [entry] = typeof unwanted === 'object' && unwanted !== null ? Object.entries(unwanted) : [];
  if (entry === undefined) return undefined;
  const [operator, operands] = entry;
  const matchers = (Array.isArray(operands) ? operands : [operands]).map((one) => parseText(operator, one));
  if (matchers.length === 0 || matchers.includes(undefined)) return undefined;
  return (value) => isScalar(value) && !matchers.some((matches) => matches?.(value) === true);
}

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

/** `["=", 1]`, or a range: `[">", 0, "<=", 5]`. */
function parseNumeric(operand: unknown): Matcher | undefined {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) return undefined;
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const [sign, bound]: unknown[] = operand.slice(index, index + 2);
    const compare = typeof sign === 'string' ? comparisons[sign] : undefined;
    if (compare === undefined || typeof bound !== 'number') return undefined;
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((holds) => holds(value));
}

/** `*` stands for any number of characters, `\*` and `\\` for themselves; two stars in a row are refused, as by AWS. */
function parseWildcard(pattern: string): Matcher | undefined {
  const pieces = [''];
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '*') {
      if (next === '*') return undefined;
      pieces.push('');
    } else if (character === '\\') {
      if (next !== '*' && next !== '\\') return undefined;
      pieces.push(`${pieces.pop() ?? ''}${next}`);
      index++;
    } else pieces.push(`${pieces.pop() ?? ''}${character}`);
  }
  return onText((text) => matchesPieces(text, pieces));
}

/** The first piece begins the text, the last one ends it, the others follow each other between them. */
function matchesPieces(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, from);
    if (found === -1) return false;
    from = found + piece.length;
  }
  return text.length - from >= last.length && text.endsWith(last);
}

function onText(holds: (text: string) => boolean): Matcher {
  return (value) => typeof value === 'string' && holds(value);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function isIgnoringCase(operand: unknown): operand is { readonly 'equals-ignore-case': string } {
  return (
    typeof operand === 'object' &&
    operand !== null &&
    'equals-ignore-case' in operand &&
    typeof operand['equals-ignore-case'] === 'string'
  );
}
