import { setImmediate as nextTurn } from 'node:timers/promises';
import { deliveryLimits } from '../limits.ts';
import type { DeliveryRecord } from '../destination.ts';
import { ColumnKeys, parseObject, textOf } from './columns.ts';
import { isObject } from './convert.ts';
import { RecordRefusal } from './errors.ts';
import { NumberText, parseWithNumberTexts } from './exact-json.ts';
import { icebergLimits } from './limits.ts';
import { fieldsWithin, type IcebergField, type IcebergType, type StructType } from './schema.ts';

/** An inferred type: null until a value shows it. */
type Inferred = Known | null;

type Known =
  | { readonly kind: 'boolean' | 'long' | 'double' | 'string' }
  | { readonly kind: 'list'; readonly element: Inferred }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Inferred> };

/**
 * Infers the columns that the table does not have, in the order of their first values. All are optional. Strings become
 * `string`, integers `long`, other numbers `double`, objects `struct`. If records differ, the first one determines the
 * type, except that `long` becomes `double`; records that do not match are refused afterwards. Ids follow
 * `lastColumnId`.
 */
export async function newColumns(
  schema: StructType,
  lastColumnId: number,
  records: readonly Pick<DeliveryRecord, 'data'>[],
): Promise<IcebergField[]> {
  const keys = new ColumnKeys(schema.fields);
  const found = new Map<string, { name: string; type: Inferred }>();
  let untilRest = deliveryLimits.bytesAtOnceMax;
  for (const { data } of records) {
    untilRest -= data.length;
    if (untilRest <= 0) {
      // Parsing megabytes of JSON takes a while: yield to other work.
      await nextTurn();
      untilRest = deliveryLimits.bytesAtOnceMax;
    }
    for (const [name, value] of newMembers(data, keys)) {
      const folded = name.toLowerCase();
      const known = found.get(folded);
      const type = merged(known?.type ?? null, infer(value, icebergLimits.nestingMax));
      if (type !== null) found.set(folded, { name: known?.name ?? name, type });
    }
  }
  const ids = { last: lastColumnId };
  // Top-level ids come first, as Iceberg's own libraries assign them.
  return [...found.values()]
    .flatMap(({ name, type }) => (isKnown(type) ? [{ id: ++ids.last, name, type }] : []))
    .map(({ id, name, type }) => ({ id, name, required: false, type: typeOf(type, ids) }));
}

/** The members of a record that have no column. Empty for records that will be refused. */
function newMembers(data: Uint8Array, keys: ColumnKeys): [string, unknown][] {
  try {
    const text = textOf(data);
    const isNew = (name: string): boolean => name !== '' && keys.indexOf(name) === undefined;
    // Most records have none, and parsing them with number texts takes several times as long.
    if (!Object.keys(parseObject(text, JSON.parse)).some(isNew)) return [];
    return Object.entries(parseObject(text, parseWithNumberTexts)).filter(([name]) => isNew(name));
  } catch (error) {
    if (error instanceof RecordRefusal) return [];
    throw error;
  }
}

/** The highest id of all columns and their nested fields. */
export function lastIdOf(fields: readonly IcebergField[]): number {
  return Math.max(...fields.map(({ id, type }) => Math.max(id, lastIdOf(fieldsWithin(type)))));
}

const LONG_MAX = 2n ** 63n - 1n;

function infer(value: unknown, levels: number): Inferred {
  if (value === null || levels === 0) return null;
  if (typeof value === 'boolean') return { kind: 'boolean' };
  if (typeof value === 'string') return { kind: 'string' };
  if (value instanceof NumberText) return { kind: isLong(value.source) ? 'long' : 'double' };
  if (Array.isArray(value)) {
    const element = value.reduce<Inferred>((type, one) => merged(type, infer(one, levels - 1)), null);
    return { kind: 'list', element };
  }
  if (!isObject(value)) return null;
  const members = Object.entries(value).filter(([name]) => name !== '');
  return { kind: 'struct', fields: new Map(members.map(([name, one]) => [name, infer(one, levels - 1)])) };
}

function isLong(source: string): boolean {
  if (!/^-?\d{1,19}$/.test(source)) return false;
  const value = BigInt(source);
  return value <= LONG_MAX && value >= -LONG_MAX - 1n;
}

function merged(before: Inferred, next: Inferred): Inferred {
  if (before === null || next === null) return before ?? next;
  if (before.kind === 'long' && next.kind === 'double') return next;
  if (before.kind === 'list' && next.kind === 'list') {
    return { kind: 'list', element: merged(before.element, next.element) };
  }
  if (before.kind === 'struct' && next.kind === 'struct') {
    const fields = new Map(before.fields);
    for (const [name, type] of next.fields) fields.set(name, merged(fields.get(name) ?? null, type));
    return { kind: 'struct', fields };
  }
  return before;
}

/** A key whose type is unknown becomes a column once it has a value. */
function isKnown(type: Inferred): type is Known {
  if (type === null) return false;
  if (type.kind === 'list') return isKnown(type.element);
  return type.kind !== 'struct' || [...type.fields.values()].some(isKnown);
}

function typeOf(type: Known, ids: { last: number }): IcebergType {
  if (type.kind === 'list') {
    const id = ++ids.last;
    // A list with a known type has an element with a known type.
    const element = isKnown(type.element) ? typeOf(type.element, ids) : { kind: 'string' as const };
    return { kind: 'list', element: { id, name: 'element', required: false, type: element } };
  }
  if (type.kind !== 'struct') return { kind: type.kind };
  const fields = [...type.fields].flatMap(([name, field]) =>
    isKnown(field) ? [{ id: ++ids.last, name, field }] : [],
  );
  return {
    kind: 'struct',
    fields: fields.map(({ id, name, field }) => ({ id, name, required: false, type: typeOf(field, ids) })),
  };
}
