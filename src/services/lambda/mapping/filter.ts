import type { StreamRecord } from '../../../consumers/source.ts';
import { parseMatcher, type Matcher } from './filter-matchers.ts';

/** Decides whether a record is for the function. */
export type RecordFilter = (record: StreamRecord) => boolean;

/** A condition on a JSON value; `undefined` when there is none at that place. */
type Condition = (value: unknown) => boolean;

/**
 * A filter pattern as Lambda's guide "Control which events Lambda sends to your function" describes it for Kinesis:
 * conditions on the record's own fields, and under `data` on its data, which must be JSON then. Undefined when it is
 * no valid pattern.
 */
export function parseFilter(pattern: string): RecordFilter | undefined {
  const parsed = parseJson(pattern);
  if (!isObject(parsed)) return undefined;
  const { data: dataPattern, ...fieldsPattern } = parsed;
  if (dataPattern !== undefined && !isObject(dataPattern)) return undefined;
  const fields = parseObject(fieldsPattern);
  const data = dataPattern === undefined ? undefined : parseObject(dataPattern);
  if (fields === undefined || (dataPattern !== undefined && data === undefined)) return undefined;
  return (record) => {
    if (!fields(recordFields(record))) return false;
    if (data === undefined) return true;
    const value = parseJson(Buffer.from(record.data).toString());
    return isObject(value) && data(value);
  };
}

/** One of the patterns suffices; without any, all records are wanted. Throws when one is invalid. */
export function anyFilter(patterns: readonly string[]): RecordFilter | undefined {
  if (patterns.length === 0) return undefined;
  const filters = patterns.map((pattern) => {
    const filter = parseFilter(pattern);
    if (filter === undefined) throw new SyntaxError(`not a filter pattern: ${pattern}`);
    return filter;
  });
  return (record) => filters.some((filter) => filter(record));
}

function recordFields(record: StreamRecord): Record<string, unknown> {
  return {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.partitionKey,
    sequenceNumber: record.sequenceNumber,
    approximateArrivalTimestamp: record.arrivalMs / 1000,
  };
}

/** All members must hold; `$or` holds when one of its patterns does. */
function parseObject(pattern: Readonly<Record<string, unknown>>): Condition | undefined {
  const conditions: Condition[] = [];
  for (const [key, member] of Object.entries(pattern)) {
    const condition = key === '$or' ? parseOr(member) : parseMember(key, member);
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return (value) => conditions.every((condition) => condition(value));
}

function parseOr(patterns: unknown): Condition | undefined {
  if (!Array.isArray(patterns) || patterns.length === 0) return undefined;
  const conditions: Condition[] = [];
  for (const pattern of patterns) {
    const condition = isObject(pattern) ? parseObject(pattern) : undefined;
    if (condition === undefined) return undefined;
    conditions.push(condition);
  }
  return (value) => conditions.some((condition) => condition(value));
}

function parseMember(key: string, member: unknown): Condition | undefined {
  const condition = isObject(member) ? parseObject(member) : parseLeaf(member);
  if (condition === undefined) return undefined;
  return (value) => {
    const objects = Array.isArray(value) ? value : [value];
    return objects.some((object) =>
      condition(isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined),
    );
  };
}

/** A list of which one must match the value, or one of the values when it is a list. */
function parseLeaf(leaf: unknown): Condition | undefined {
  if (!Array.isArray(leaf) || leaf.length === 0) return undefined;
  const matchers: Matcher[] = [];
  for (const item of leaf) {
    const matcher = parseMatcher(item);
    if (matcher === undefined) return undefined;
    matchers.push(matcher);
  }
  return (value) => {
    const values = Array.isArray(value) ? value : [value];
    return matchers.some((matches) => values.some(matches));
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
