import { databaseLimits } from './limits.ts';

export const COLUMN_TYPES = [
  'text',
  'integer',
  'bigint',
  'double',
  'numeric',
  'boolean',
  'timestamp',
  'date',
  'uuid',
  'json',
  'bytes',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

export interface ColumnSettings {
  readonly name: string;
  readonly type: ColumnType;
  /** A JSON path; `$` is the whole record. */
  readonly path: string;
  /** Whether records without a value are refused. Otherwise NULL is stored. */
  readonly required: boolean;
}

/** A table, and the paths of its columns in a record. */
export interface TableSettings {
  /** The PostgreSQL schema. Undefined means the first one in the connection's search path. */
  readonly schema?: string;
  readonly name: string;
  readonly columns: readonly ColumnSettings[];
}

/** A column as it is created. */
export interface TableColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
}

/** The first columns of each row: the position of the record. */
export const SOURCE_COLUMNS: readonly TableColumn[] = [
  { name: 'shard_id', type: 'text', required: true },
  { name: 'sequence_number', type: 'numeric', required: true },
  { name: 'sub_sequence_number', type: 'integer', required: true },
  { name: 'arrived_at', type: 'timestamp', required: true },
];

export function columnsOf({ columns }: TableSettings): readonly TableColumn[] {
  return [...SOURCE_COLUMNS, ...columns];
}

/** The position of each delivery in each shard, written in the same transaction as the rows. */
export const POSITIONS = {
  name: 'nagare_positions',
  columns: [
    { name: 'delivery_id', type: 'text', required: true },
    { name: 'shard_id', type: 'text', required: true },
    { name: 'last_sequence_number', type: 'text', required: true },
  ] satisfies readonly TableColumn[],
  key: ['delivery_id', 'shard_id'],
} as const;

/** The error table: refused records of the table. */
export const ERRORS = {
  columns: [
    { name: 'delivery_id', type: 'text', required: true },
    { name: 'shard_id', type: 'text', required: true },
    { name: 'sequence_number', type: 'numeric', required: true },
    { name: 'sub_sequence_number', type: 'integer', required: true },
    { name: 'arrived_at', type: 'timestamp', required: true },
    { name: 'error_code', type: 'text', required: true },
    { name: 'error_message', type: 'text', required: true },
    { name: 'data', type: 'bytes', required: true },
    // The last sequence number of the batch: a repeated batch finds its own refusals.
    { name: 'batch_end', type: 'text', required: true },
  ] satisfies readonly TableColumn[],
  key: ['delivery_id', 'shard_id', 'sequence_number', 'sub_sequence_number'],
} as const;

export function errorTableOf({ name }: TableSettings): string {
  return `${name}_errors`;
}

/** Quotes an identifier, which may contain any character. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns why a name of a table or column is invalid. Undefined if it is valid. */
export function nameProblem(name: string, suffix = ''): string | undefined {
  const { nameBytesMax } = databaseLimits;
  if (name === '' || /\p{Cc}/u.test(name) || !name.isWellFormed()) {
    return 'must be a name without control characters';
  }
  const bytesMax = nameBytesMax - suffix.length;
  return Buffer.byteLength(name) > bytesMax ? `must not be longer than ${bytesMax} bytes` : undefined;
}

/** Returns the differences between an existing table and its declaration. */
export function differencesOf(
  wanted: readonly { readonly name: string; readonly type: string }[],
  present: readonly {
    readonly name: string;
    readonly type: string;
    /** Whether rows can be inserted without a value for it. */
    readonly mayBeAbsent: boolean;
  }[],
): string[] {
  const known = new Map(present.map((column) => [column.name, column]));
  const differences = wanted.flatMap(({ name, type }) => {
    const column = known.get(name);
    if (column === undefined) return [`it has no column ${name}`];
    return column.type === type ? [] : [`the column ${name} is ${column.type}, not ${type}`];
  });
  const names = new Set(wanted.map(({ name }) => name));
  const others = present.filter(({ name, mayBeAbsent }) => !names.has(name) && !mayBeAbsent);
  return [...differences, ...others.map(({ name }) => `the column ${name} needs a value in each row`)];
}
