import { IcebergError } from './errors.ts';
import { icebergLimits } from './limits.ts';

/** https://iceberg.apache.org/spec/#schemas-and-data-types, in the REST API's JSON form. */
export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
}

export type IcebergType = Primitive | StructType | ListType | MapType;

export interface StructType {
  readonly kind: 'struct';
  readonly fields: readonly IcebergField[];
}

export interface ListType {
  readonly kind: 'list';
  readonly element: IcebergField;
}

export interface MapType {
  readonly kind: 'map';
  readonly key: IcebergField;
  readonly value: IcebergField;
}

export type Primitive =
  | { readonly kind: SimpleKind }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'fixed'; readonly length: number };

const simpleKinds = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'string',
  'uuid',
  'binary',
] as const;

type SimpleKind = (typeof simpleKinds)[number];

export interface IcebergSchema extends StructType {
  readonly schemaId: number;
  /** The schema as received from the catalog, because manifests include it. */
  readonly json: unknown;
}

interface FieldJson {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: unknown;
}

/** Throws IcebergError for types that cannot be written. */
export function readSchema(json: unknown): IcebergSchema {
  // The cast assumes a response as in the REST API. Other responses fail below as an unsupported table.
  const { 'schema-id': schemaId = 0 } = json as { readonly 'schema-id'?: number };
  const budget = { left: icebergLimits.fieldsMax };
  return { ...readStruct(json, budget), schemaId, json };
}

interface Budget {
  left: number;
}

function readStruct(json: unknown, budget: Budget): StructType {
  const { fields } = json as { readonly fields: readonly FieldJson[] };
  return { kind: 'struct', fields: fields.map((field) => readField(field, budget)) };
}

function readField({ id, name, required, type }: FieldJson, budget: Budget): IcebergField {
  if (budget.left-- <= 0) {
    throw unsupported(`it has more than ${icebergLimits.fieldsMax} columns`);
  }
  return { id, name, required, type: readType(type, name, budget) };
}

function readType(json: unknown, column: string, budget: Budget): IcebergType {
  if (typeof json === 'string') return readPrimitive(json, column);
  const { type } = json as { readonly type: string };
  switch (type) {
    case 'struct':
      return readStruct(json, budget);
    case 'list': {
      const list = json as {
        readonly 'element-id': number;
        readonly 'element-required': boolean;
        readonly element: unknown;
      };
      const element = { id: list['element-id'], name: 'element', required: list['element-required'] };
      return { kind: 'list', element: readField({ ...element, type: list.element }, budget) };
    }
    case 'map': {
      const map = json as {
        readonly 'key-id': number;
        readonly key: unknown;
        readonly 'value-id': number;
        readonly 'value-required': boolean;
        readonly value: unknown;
      };
      const key = { id: map['key-id'], name: 'key', required: true, type: map.key };
      const value = { id: map['value-id'], name: 'value', required: map['value-required'], type: map.value };
      return { kind: 'map', key: readField(key, budget), value: readField(value, budget) };
    }
    default:
      throw unsupported(`the column ${column} has the type ${type}`);
  }
}

function readPrimitive(text: string, column: string): Primitive {
  const kind = simpleKinds.find((simple) => simple === text);
  if (kind !== undefined) return { kind };
  const decimal = /^decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)$/.exec(text);
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  const fixed = /^fixed\[\s*(\d+)\s*\]$/.exec(text);
  if (fixed !== null) return { kind: 'fixed', length: Number(fixed[1]) };
  throw unsupported(`the column ${column} has the type ${text}`);
}

/** The nested fields of a type; none for primitive types. */
export function fieldsWithin(type: IcebergType): readonly IcebergField[] {
  if (type.kind === 'struct') return type.fields;
  if (type.kind === 'list') return [type.element];
  return type.kind === 'map' ? [type.key, type.value] : [];
}

/** The type in the REST API's form. */
function typeJson(type: IcebergType): unknown {
  if (type.kind === 'decimal') return `decimal(${type.precision}, ${type.scale})`;
  if (type.kind === 'fixed') return `fixed[${type.length}]`;
  if (type.kind === 'struct') return { type: 'struct', fields: type.fields.map(fieldJson) };
  if (type.kind === 'list') {
    const { id, required, type: element } = type.element;
    return { type: 'list', 'element-id': id, 'element-required': required, element: typeJson(element) };
  }
  if (type.kind !== 'map') return type.kind;
  const { key, value } = type;
  return {
    type: 'map',
    'key-id': key.id,
    key: typeJson(key.type),
    'value-id': value.id,
    'value-required': value.required,
    value: typeJson(value.type),
  };
}

export function fieldJson({ id, name, required, type }: IcebergField): unknown {
  return { id, name, required, type: typeJson(type) };
}

/** The path of names to the field with that id, through structs only. */
export function fieldById(
  { fields }: StructType,
  id: number,
): { readonly path: readonly string[]; readonly field: IcebergField } | undefined {
  for (const field of fields) {
    if (field.id === id) return { path: [field.name], field };
    const below = field.type.kind === 'struct' ? fieldById(field.type, id) : undefined;
    if (below !== undefined) return { ...below, path: [field.name, ...below.path] };
  }
  return undefined;
}

export function unsupported(why: string): IcebergError {
  return new IcebergError('Iceberg.UnsupportedTable', `nagare does not append to this table: ${why}`);
}
