import {
  type Condition,
  invalidPattern,
  type MessageFilter,
  PatternReader,
  readComparison,
  readCondition,
} from './conditions.ts';

/** The name of a property, the index of an element, or `*` for all of them. */
type Step = string | number;

const BARE_OPERAND = /[^\s&|(){}"]+/;

/** `{ $.level = "ERROR" && ($.latency > 100 || $.user.name NOT EXISTS) }`. Other messages than JSON never match. */
export function parseJsonPattern(text: string): MessageFilter {
  const reader = new PatternReader(text);
  reader.expect(/\{/);
  const condition = readCondition<unknown>(reader, readSimple);
  reader.expect(/\}/);
  reader.expectEnd();
  return (message) => {
    const value = parse(message);
    return value !== undefined && condition(value);
  };
}

function parse(message: string): unknown {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function readSimple(reader: PatternReader): Condition<unknown> {
  const steps = readSelector(reader);
  const find = (document: unknown) => valuesAt(document, steps);
  if (reader.take(/NOT\s+EXISTS\b/i) !== undefined) return (document) => find(document).length === 0;
  if (reader.take(/EXISTS\b/i) !== undefined) return (document) => find(document).length > 0;
  if (reader.take(/IS\b/i) !== undefined) {
    const wanted: unknown = JSON.parse(reader.expect(/(?:NULL|TRUE|FALSE)\b/i).toLowerCase());
    return (document) => find(document).includes(wanted);
  }
  const compare = readComparison(reader, BARE_OPERAND);
  if (compare === undefined) throw invalidPattern();
  return (document) => find(document).some(compare);
}

/** `$.a.b[0].c`, `$.a[*]`, `$['a b'].c`. */
function readSelector(reader: PatternReader): Step[] {
  reader.expect(/\$/);
  const steps: Step[] = [];
  for (;;) {
    const found = reader.take(/\.\[?'[^']*'\]?|\['[^']*'\]|\.[\w\-/#@:]+|\.\*|\[(?:\d{1,9}|\*)\]/);
    if (found === undefined) break;
    const name = found.replace(/^\.?\[?'?/, '').replace(/'?\]?$/, '');
    const isIndex = found.startsWith('[') && /^\d+$/.test(name);
    steps.push(isIndex ? Number(name) : name);
  }
  if (steps.length === 0) throw invalidPattern();
  return steps;
}

function valuesAt(document: unknown, steps: readonly Step[]): unknown[] {
  let values = [document];
  for (const step of steps) values = values.flatMap((value) => childrenOf(value, step));
  return values;
}

function childrenOf(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') return Object.values(value);
  const found = new Map(Object.entries(value));
  return found.has(String(step)) ? [found.get(String(step))] : [];
}
