import { setImmediate as nextTurn } from 'node:timers/promises';
import { deliveryLimits } from '../limits.ts';
import type { DeliveryRecord } from '../destination.ts';
import { ColumnKeys, parseObject, textOf } from './columns.ts';
import { isObject } from './convert.ts';
import { RecordRefusal } from './errors.ts';
import { NumberText, parseWithNumberTexts } from './exact-json.ts';
import { icebergLimits } from './limits.ts';
import { fieldsWithin, type IcebergField, type IcebergType, type StructType } from './schema.ts';

/** What records show of a type: null as long as nothing is known. */
type Inferred = Known | null;

type Known =
  | { readonly kind: 'boolean' | 'long' | 'double' | 'string' }
  | { readonly kind: 'list'; readonly element: Inferred }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, Inferred> };

/**
 * The columns that records have and the table lacks, in the order of their first values; all are optional. Texts
 * stay texts, integers are `long`, other numbers `double`, objects `struct`. Where records differ, the first one
 * decides, except that a `long` becomes a `double`; records that do not fit are refused afterwards. Ids follow
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

/** The members of a record without a column. Records that are refused later have none. */
function newMembers(data: Uint8Array, keys: ColumnKeys): [string, unknown][] {
  try {
    const text = textOf(data);
    const isNew = (name: string): boolean => name !== '' && keys.indexOf(name) === undefined;
    // Most records have none: parsing them with the texts of their numbers takes several times as long.
    if (!Object.keys(parseObject(text, JSON.parse)).some(isNew)) return [];
    return Object.entries(parseObject(text, parseWithNumberTexts)).filter(([name]) => isNew(name));
  } catch (error) {
    if (error instanceof RecordRefusal) return [];
    throw error;
  }
}

/** The highest id of columns and what is within them. */
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

/** What nothing is known of becomes a column when a value comes. */
function isKnown(type: Inferred): type is Known {
  if (type === null) return false;
  if (type.kind === 'list') return isKnown(type.element);
  return type.kind !== 'struct' || [...type.fields.values()].some(isKnown);
}

function typeOf(type: Known, ids: { last: number }): IcebergType {
  if (type.kind === 'list') {
    const id = ++ids.last;
    // A known list has a known element.
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
