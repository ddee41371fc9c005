import { icebergLimits } from './limits.ts';
import { fieldById, type IcebergType, type StructType, unsupported } from './schema.ts';

/** https://iceberg.apache.org/spec/#partitioning */
export interface PartitionField {
  readonly fieldId: number;
  readonly name: string;
  readonly transform: Transform;
  /** From the root of the schema to the source column. */
  readonly path: readonly string[];
  readonly sourceType: IcebergType;
}

export interface PartitionSpec {
  readonly specId: number;
  readonly fields: readonly PartitionField[];
  /** The fields as received from the catalog, because manifests include them. */
  readonly json: unknown;
}

export type Transform = (typeof transforms)[number];

const transforms = ['identity', 'year', 'month', 'day', 'hour', 'void'] as const;

/** A partition's value of one field, as written to manifests. */
export type PartitionValue = null | boolean | number | bigint | string | Uint8Array;

interface FieldJson {
  readonly 'source-id': number;
  readonly 'field-id': number;
  readonly name: string;
  readonly transform: string;
}

/** Throws IcebergError for unsupported transforms. */
export function readPartitionFields(json: readonly unknown[], schema: StructType): PartitionField[] {
  return json.map((one) => {
    const { 'source-id': sourceId, 'field-id': fieldId, name, transform } = one as FieldJson;
    const known = transforms.find((each) => each === transform);
    if (known === undefined) throw unsupported(`the partition field ${name} has the transform ${transform}`);
    const source = fieldById(schema, sourceId);
    if (source === undefined) {
      // The column of a void field may have been dropped.
      if (known === 'void') {
        return { fieldId, name, transform: known, path: [], sourceType: { kind: 'string' } };
      }
      throw unsupported(`the partition field ${name} has no source column outside of lists and maps`);
    }
    const sourceType = source.field.type;
    if (!applies(known, sourceType))
      throw unsupported(`the partition field ${name} is the ${known} of a ${sourceType.kind}`);
    return { fieldId, name, transform: known, path: source.path, sourceType };
  });
}

function applies(transform: Transform, { kind }: IcebergType): boolean {
  switch (transform) {
    case 'void':
      return true;
    case 'identity':
      return kind !== 'struct' && kind !== 'list' && kind !== 'map';
    case 'hour':
      return kind === 'timestamp' || kind === 'timestamptz';
    case 'year':
    case 'month':
    case 'day':
      return kind === 'date' || kind === 'timestamp' || kind === 'timestamptz';
  }
}

/** The type of the values in manifests: https://iceberg.apache.org/spec/#partition-transforms */
export function resultType({ transform, sourceType }: PartitionField): IcebergType {
  switch (transform) {
    case 'identity':
    case 'void':
      return sourceType;
    case 'day':
      return { kind: 'date' };
    case 'year':
    case 'month':
    case 'hour':
      return { kind: 'int' };
  }
}

const DAY_MS = 86_400_000;

/** `value` is the result of the source column's converter: days for a date, microseconds for a timestamp. */
export function transformed(field: PartitionField, value: unknown): PartitionValue {
  if (field.transform === 'void' || value === null || value === undefined) return null;
  // The converter of a primitive column returns only primitive values.
  if (field.transform === 'identity') return value as PartitionValue;
  const days = field.sourceType.kind === 'date' ? Number(value) : undefined;
  if (field.transform === 'hour') return Number(floorDivide(value as bigint, 3_600_000_000n));
  const day = days ?? Number(floorDivide(value as bigint, 86_400_000_000n));
  if (field.transform === 'day') return day;
  const date = new Date(day * DAY_MS);
  const years = date.getUTCFullYear() - 1970;
  return field.transform === 'year' ? years : years * 12 + date.getUTCMonth();
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** The folder of a partition below `data/`, named as by other writers. Readers do not depend on it. */
export function partitionPath(fields: readonly PartitionField[], values: readonly PartitionValue[]): string {
  return fields
    .map((field, index) => {
      const text = readable(field, values[index] ?? null).slice(0, icebergLimits.pathValueCharactersMax);
      return `${encodeURIComponent(field.name)}=${encodeURIComponent(text.toWellFormed())}/`;
    })
    .join('');
}

function readable({ transform, sourceType }: PartitionField, value: PartitionValue): string {
  if (value === null) return 'null';
  const number = Number(value);
  switch (transform) {
    case 'void':
      return 'null';
    case 'year':
      return `${1970 + number}`;
    case 'month':
      return `${1970 + Math.floor(number / 12)}-${twoDigits((((number % 12) + 12) % 12) + 1)}`;
    case 'day':
      return isoDay(number);
    case 'hour': {
      const day = Math.floor(number / 24);
      return `${isoDay(day)}-${twoDigits(number - day * 24)}`;
    }
    case 'identity':
      if (sourceType.kind === 'date') return isoDay(number);
      return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
  }
}

function isoDay(days: number): string {
  return new Date(days * DAY_MS).toISOString().replace(/T.*$/, '');
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0');
}
