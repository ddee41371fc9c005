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
  toText,
  typeOf,
} from './values.ts';

/** Keys, outermost first: strings, numbers and slices `{start, end}`. */
export type Path = readonly Json[];

/** The value of a member, an element or a slice. */
export function get(value: Json, key: Json): Json {
  if (value === null && (typeof key === 'string' || typeof key === 'number' || isSlice(key))) return null;
  if (typeof key === 'string' && isObject(value)) return member(value, key);
  if (typeof key === 'number' && Array.isArray(value)) {
    // As in jq 1.6, a fractional index is between two elements and gives null.
    return value[key < 0 ? value.length + key : key] ?? null;
  }
  if (isSlice(key) && (Array.isArray(value) || typeof value === 'string')) return slice(value, key);
  if (Array.isArray(key) && Array.isArray(value)) return indices(value, key);
  if (isObject(value) && typeof key !== 'object')
    throw new JqError(`Cannot index object with ${typeOf(key)}`);
  if (typeof key === 'string') throw new JqError(`Cannot index ${typeOf(value)} with string "${key}"`);
  throw new JqError(`Cannot index ${typeOf(value)} with ${typeOf(key)}`);
}

function isSlice(key: Json): key is JsonObject {
  return isObject(key) && ('start' in key || 'end' in key);
}

/** Bounds of a slice, rounded outwards. */
function bounds(length: number, key: JsonObject): [number, number] {
  const start = bound(member(key, 'start'), 0, length, Math.floor);
  const end = bound(member(key, 'end'), length, length, Math.ceil);
  return [start, Math.max(start, end)];
}

function bound(value: Json, otherwise: number, length: number, round: (value: number) => number): number {
  if (value === null) return otherwise;
  if (typeof value !== 'number') throw new JqError('Start and end indices of an array slice must be numbers');
  const rounded = round(value < 0 ? value + length : value);
  return Math.min(Math.max(rounded, 0), length);
}

function slice(value: Json[] | string, key: JsonObject): Json {
  if (typeof value === 'string') {
    const characters = codePoints(value);
    return characters.slice(...bounds(characters.length, key)).join('');
  }
  return value.slice(...bounds(value.length, key));
}

/** The indices at which `value` contains the elements of `wanted`. */
export function indices(value: readonly Json[], wanted: readonly Json[]): Json[] {
  const found: Json[] = [];
  if (wanted.length === 0) return found;
  for (let at = 0; at + wanted.length <= value.length; at++) {
    if (wanted.every((item, index) => compare(item, value[at + index] ?? null) === 0)) found.push(at);
  }
  return found;
}

export function getPath(value: Json, path: Path): Json {
  let found = value;
  for (const key of path) {
    if (found === null) return null;
    found = get(found, key);
  }
  return found;
}

/** Returns a copy of the value in which `change` was applied at the path. */
export function update(value: Json, path: Path, change: (old: Json) => Json, budget: Budget, at = 0): Json {
  const key = path[at];
  if (key === undefined) return change(value);
  const deeper = (old: Json) => update(old, path, change, budget, at + 1);
  if (typeof key === 'string' && (value === null || isObject(value))) {
    const copy = Object.assign(newObject(), value);
    budget.spend(1 + Object.keys(copy).length);
    copy[key] = deeper(value === null ? null : member(value, key));
    return copy;
  }
  if (typeof key === 'number' && (value === null || Array.isArray(value))) {
    return updateElement(value ?? [], key, deeper, budget);
  }
  if (isSlice(key) && (value === null || Array.isArray(value))) {
    const array = value ?? [];
    const [start, end] = bounds(array.length, key);
    const changed = deeper(value === null ? null : array.slice(start, end));
    if (!Array.isArray(changed)) throw new JqError('A slice of an array can only be assigned another array');
    budget.spend(array.length + changed.length);
    return [...array.slice(0, start), ...changed, ...array.slice(end)];
  }
  // Throws: the value cannot have this key.
  return get(value, key);
}

const ARRAY_INDEX_MAX = 536_870_911;

function updateElement(array: Json[], key: number, change: (old: Json) => Json, budget: Budget): Json {
  const floor = Math.floor(key);
  const index = floor < 0 ? array.length + floor : floor;
  if (index < 0) throw new JqError('Out of bounds negative array index');
  if (index > ARRAY_INDEX_MAX) throw new JqError('Array index too large');
  budget.spend(Math.max(array.length, index) + 1);
  const copy = [...array];
  while (copy.length < index) copy.push(null);
  copy[index] = change(array[index] ?? null);
  return copy;
}

/** Deletes paths, the last ones first, so that indices stay valid. */
export function deletePaths(value: Json, paths: readonly Json[], budget: Budget): Json {
  let result = value;
  for (const path of paths.toSorted(compare).toReversed()) {
    if (!Array.isArray(path)) throw new JqError('Path must be specified as an array');
    result = deletePath(result, path, budget);
  }
  return result;
}

function deletePath(value: Json, path: Path, budget: Budget): Json {
  const key = path.at(-1);
  if (key === undefined) return null;
  const parent = path.slice(0, -1);
  // A path that does not exist deletes nothing.
  if (getPath(value, parent) === null) return value;
  return update(value, parent, (old) => deleteKey(old, key, budget), budget);
}

function deleteKey(value: Json, key: Json, budget: Budget): Json {
  if (value === null) return null;
  if (typeof key === 'string' && isObject(value)) {
    const copy = Object.assign(newObject(), value);
    budget.spend(Object.keys(copy).length);
    delete copy[key];
    return copy;
  }
  if (Array.isArray(value) && (typeof key === 'number' || isSlice(key))) {
    budget.spend(value.length);
    if (typeof key === 'number') {
      const index = key < 0 ? value.length + key : key;
      return value.filter((_, at) => at !== index);
    }
    const [start, end] = bounds(value.length, key);
    return [...value.slice(0, start), ...value.slice(end)];
  }
  throw new JqError(
    `Cannot delete field at ${isObject(value) ? 'object' : 'array'} index of ${typeOf(value)}`,
  );
}

/** The error for an output that has no path, such as `path(1)`. */
export function invalidPath(value: Json, key?: Json): JqError {
  if (key === undefined) return new JqError(`Invalid path expression with result ${short(value)}`);
  return new JqError(
    `Invalid path expression near attempt to access element ${toText(key)} of ${short(value)}`,
  );
}

function short(value: Json): string {
  const text = toText(value);
  return text.length > 30 ? `${text.slice(0, 27)}...` : text;
}
