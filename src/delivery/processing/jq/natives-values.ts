import { add, splitText } from './arithmetic.ts';
import type { Budget } from './budget.ts';
import { gmtime, mktime, strftime, strptime } from './dates.ts';
import type { Native } from './filter.ts';
import { ofValues } from './native.ts';
import { FORMATS, isFormat } from './formats.ts';
import { deletePaths, get, getPath, indices, update } from './paths.ts';
import { matches, test } from './regex.ts';
import {
  codePoints,
  compare,
  isObject,
  isTrue,
  JqError,
  type Json,
  member,
  newObject,
  shown,
  sortedKeys,
  toText,
  tostring,
  typeOf,
} from './values.ts';

function arrayOf(input: Json, doing: string): Json[] {
  if (!Array.isArray(input)) throw new JqError(`${shown(input)} cannot be ${doing}, as it is not an array`);
  return input;
}

function length(input: Json): Json {
  if (input === null) return 0;
  if (typeof input === 'string') return codePoints(input).length;
  if (typeof input === 'number') return Math.abs(input);
  if (typeof input === 'boolean') throw new JqError(`${shown(input)} has no length`);
  return Array.isArray(input) ? input.length : Object.keys(input).length;
}

function keys(input: Json): Json[] {
  if (Array.isArray(input)) return input.map((_, at) => at);
  if (isObject(input)) return sortedKeys(input);
  throw new JqError(`${shown(input)} has no keys`);
}

function has(input: Json, key: Json): boolean {
  if (input === null && (typeof key === 'string' || typeof key === 'number')) return false;
  if (isObject(input) && typeof key === 'string') return Object.hasOwn(input, key);
  if (Array.isArray(input) && typeof key === 'number') return key >= 0 && key < input.length;
  throw new JqError(
    `Cannot check whether ${typeOf(input)} has a ${typeof key === 'string' ? 'string' : typeOf(key)} key`,
  );
}

function contains(a: Json, b: Json, budget: Budget): boolean {
  budget.spend(1);
  if (isObject(a) && isObject(b)) {
    return Object.keys(b).every(
      (key) => Object.hasOwn(a, key) && contains(member(a, key), member(b, key), budget),
    );
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return b.every((wanted) =>
      a.some((item) => typeOf(item) === typeOf(wanted) && contains(item, wanted, budget)),
    );
  }
  if (typeof a === 'string' && typeof b === 'string') return a.includes(b);
  if (typeOf(a) === typeOf(b)) return compare(a, b) === 0;
  throw new JqError(`${shown(a)} and ${shown(b)} cannot have their containment checked`);
}

function tonumber(input: Json): Json {
  if (typeof input === 'number') return input;
  if (typeof input === 'string') {
    if (/^\s*-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(input)) return Number(input);
    throw new JqError(`Cannot be parsed as a number`);
  }
  throw new JqError(`${shown(input)} cannot be parsed as a number`);
}

function fromjson(input: Json, budget: Budget): Json {
  if (typeof input !== 'string') throw new JqError(`${shown(input)} cannot be parsed as JSON`);
  budget.spendBytes(input.length);
  try {
    return JSON.parse(input) as Json;
  } catch {
    throw new JqError(`${input} (while parsing '${input}')`);
  }
}

function flatten(input: Json, depth: Json, budget: Budget): Json {
  if (typeof depth !== 'number') throw new JqError(`${shown(depth)} is not a number`);
  if (depth < 0) throw new JqError('flatten depth must not be negative');
  if (!Array.isArray(input) && !isObject(input)) throw new JqError(`Cannot iterate over ${shown(input)}`);
  const flat: Json[] = [];
  const visit = (items: readonly Json[], left: number): void => {
    for (const item of items) {
      budget.spend(1);
      if (Array.isArray(item) && left > 0) visit(item, left - 1);
      else flat.push(item);
    }
  };
  visit(Array.isArray(input) ? input : Object.values(input), depth);
  return flat;
}

function implode(input: Json): string {
  const points = arrayOf(input, 'imploded');
  return points
    .map((point) => {
      if (typeof point !== 'number') throw new JqError(`Unicode codepoint must be numeric`);
      return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)
        ? '\ufffd'
        : String.fromCodePoint(point);
    })
    .join('');
}

function sorted(input: Json, budget: Budget): Json[] {
  const items = arrayOf(input, 'sorted');
  budget.spend(items.length);
  return items.toSorted(compare);
}

function unique(input: Json, budget: Budget): Json[] {
  return sorted(input, budget).filter(
    (item, at, all) => at === 0 || compare(item, all[at - 1] ?? null) !== 0,
  );
}

/** The indices of a value in an array, or of a text in a text; the latter in bytes, as in jq 1.6. */
function indexes(input: Json, wanted: Json): Json {
  if (input === null) return null;
  if (typeof input === 'string' && typeof wanted === 'string') {
    const [text, part] = [Buffer.from(input), Buffer.from(wanted)];
    const found: number[] = [];
    for (let at = text.indexOf(part); at !== -1 && part.length > 0; at = text.indexOf(part, at + 1))
      found.push(at);
    return found;
  }
  if (Array.isArray(input) && Array.isArray(wanted)) return indices(input, wanted);
  if (Array.isArray(input)) return indices(input, [wanted]);
  return get(input, wanted);
}

function withAscii(change: (text: string) => string): Native {
  return ofValues((input) => {
    if (typeof input !== 'string') throw new JqError('explode input must be a string');
    return input.replaceAll(/[A-Za-z]/g, change);
  });
}

function affix(fits: (text: string, part: string) => boolean, name: string): Native {
  return ofValues((input, [part = null]) => {
    if (typeof input !== 'string' || typeof part !== 'string')
      throw new JqError(`${name}() requires string inputs`);
    return fits(input, part);
  });
}

export const VALUE_NATIVES: Readonly<Record<string, Native>> = {
  'not/0': ofValues((input) => !isTrue(input)),
  'length/0': ofValues(length),
  'utf8bytelength/0': ofValues((input) => {
    if (typeof input !== 'string') throw new JqError(`${shown(input)} only strings have UTF-8 byte length`);
    return Buffer.byteLength(input);
  }),
  'keys/0': ofValues(keys),
  'keys_unsorted/0': ofValues((input) => (isObject(input) ? Object.keys(input) : keys(input))),
  'has/1': ofValues((input, [key = null]) => has(input, key)),
  'contains/1': ofValues((input, [other = null], { budget }) => contains(input, other, budget)),
  'add/0': ofValues((input, _, { budget }) => {
    if (!Array.isArray(input) && !isObject(input)) {
      throw new JqError(`Cannot iterate over ${input === null ? 'null' : shown(input)}`);
    }
    return Object.values(input).reduce<Json>((sum, item) => add(sum, item, budget), null);
  }),
  'to_entries/0': ofValues((input, _, { budget }) => {
    const names = isObject(input) ? Object.keys(input) : keys(input);
    budget.spend(names.length);
    return names.map((key) => Object.assign(newObject(), { key, value: get(input, key) }));
  }),
  'type/0': ofValues(typeOf),
  'tostring/0': ofValues(tostring),
  'tojson/0': ofValues(toText),
  'fromjson/0': ofValues((input, _, { budget }) => fromjson(input, budget)),
  'tonumber/0': ofValues(tonumber),
  'reverse/0': ofValues((input, _, { budget }) => {
    if (input === null || input === '') return [];
    if (!Array.isArray(input)) throw new JqError(`Cannot reverse ${shown(input)}`);
    budget.spend(input.length);
    return input.toReversed();
  }),
  'flatten/0': ofValues((input, _, { budget }) => flatten(input, Number.MAX_SAFE_INTEGER, budget)),
  'flatten/1': ofValues((input, [depth = null], { budget }) => flatten(input, depth, budget)),
  'sort/0': ofValues((input, _, { budget }) => sorted(input, budget)),
  'unique/0': ofValues((input, _, { budget }) => unique(input, budget)),
  'min/0': ofValues((input) =>
    arrayOf(input, 'iterated').reduce<Json>(
      (best, item, at) => (at === 0 || compare(item, best) < 0 ? item : best),
      null,
    ),
  ),
  'max/0': ofValues((input) =>
    arrayOf(input, 'iterated').reduce<Json>(
      (best, item, at) => (at === 0 || compare(item, best) >= 0 ? item : best),
      null,
    ),
  ),
  'explode/0': ofValues((input, _, { budget }) => {
    if (typeof input !== 'string') throw new JqError(`${shown(input)} cannot be exploded`);
    budget.spend(input.length);
    return codePoints(input).map((character) => character.codePointAt(0) ?? 0);
  }),
  'implode/0': ofValues(implode),
  'ascii_downcase/0': withAscii((letter) => letter.toLowerCase()),
  'ascii_upcase/0': withAscii((letter) => letter.toUpperCase()),
  'startswith/1': affix((text, part) => text.startsWith(part), 'startswith'),
  'endswith/1': affix((text, part) => text.endsWith(part), 'endswith'),
  'ltrimstr/1': ofValues((input, [part]) =>
    typeof input === 'string' && typeof part === 'string' && input.startsWith(part)
      ? input.slice(part.length)
      : input,
  ),
  'rtrimstr/1': ofValues((input, [part]) =>
    typeof input === 'string' && typeof part === 'string' && part !== '' && input.endsWith(part)
      ? input.slice(0, -part.length)
      : input,
  ),
  'split/1': ofValues((input, [separator], { budget }) => {
    if (typeof input !== 'string' || typeof separator !== 'string') {
      throw new JqError('split input and separator must be strings');
    }
    return splitText(input, separator, budget);
  }),
  'indices/1': ofValues((input, [wanted = null]) => indexes(input, wanted)),
  'format/1': ofValues((input, [name]) => {
    if (typeof name !== 'string' || !isFormat(name))
      throw new JqError(`${tostring(name ?? null)} is not a valid format`);
    return FORMATS[name](input);
  }),
  'infinite/0': ofValues(() => Number.POSITIVE_INFINITY),
  'nan/0': ofValues(() => Number.NaN),
  'isinfinite/0': ofValues((input) => Math.abs(numberOf(input)) === Number.POSITIVE_INFINITY),
  'isnan/0': ofValues((input) => Number.isNaN(numberOf(input))),
  'isnormal/0': ofValues((input) => Math.abs(numberOf(input)) >= 2 ** -1022 && Number.isFinite(input)),
  'setpath/2': ofValues((input, [path, value = null], { budget }) => {
    if (!Array.isArray(path)) throw new JqError('Path must be specified as an array');
    return update(input, path, () => value, budget);
  }),
  'delpaths/1': ofValues((input, [paths], { budget }) => {
    if (!Array.isArray(paths)) throw new JqError('Paths must be specified as an array');
    return deletePaths(input, paths, budget);
  }),
  'bsearch/1': ofValues((input, [wanted = null]) => search(arrayOf(input, 'searched from'), wanted)),
  'gmtime/0': ofValues(gmtime),
  'localtime/0': ofValues(gmtime),
  'mktime/0': ofValues(mktime),
  'strftime/1': ofValues((input, [format = null]) => strftime(input, format)),
  'strflocaltime/1': ofValues((input, [format = null]) => strftime(input, format, 'strflocaltime/1')),
  'strptime/1': ofValues((input, [format = null]) => strptime(input, format)),
  'now/0': ofValues((_, __, { now }) => now),
  '_match/2': ofValues((input, [expression = null, flags = null], { budget }) =>
    matches(input, expression, flags, budget),
  ),
  '_test/2': ofValues((input, [expression = null, flags = null], { budget }) =>
    test(input, expression, flags, budget),
  ),
  '_sort_by_keys/1': ofValues((input, [sortKeys], { budget }) =>
    byKeys(input, sortKeys, budget).map(({ item }) => item),
  ),
  '_group_by_keys/1': ofValues((input, [sortKeys], { budget }) => groups(byKeys(input, sortKeys, budget))),
  '_getpath_or_null/1': ofValues((input, [path]) => getPath(input, Array.isArray(path) ? path : [])),
};

function numberOf(input: Json): number {
  if (typeof input !== 'number') throw new JqError(`${shown(input)} number required`);
  return input;
}

function search(items: readonly Json[], wanted: Json): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const order = compare(items[middle] ?? null, wanted);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1 - low;
}

interface Keyed {
  readonly key: Json;
  readonly item: Json;
}

function byKeys(input: Json, sortKeys: Json | undefined, budget: Budget): Keyed[] {
  const items = arrayOf(input, 'sorted');
  budget.spend(items.length);
  const given = Array.isArray(sortKeys) ? sortKeys : [];
  return items
    .map((item, at) => ({ item, key: given[at] ?? null }))
    .toSorted((a, b) => compare(a.key, b.key));
}

function groups(items: readonly Keyed[]): Json[] {
  const found: Json[][] = [];
  let last: Json = null;
  for (const { key, item } of items) {
    const group = found.at(-1);
    if (group !== undefined && compare(key, last) === 0) group.push(item);
    else found.push([item]);
    last = key;
  }
  return found;
}
