import type { Client } from 'pg';
import { DatabaseError } from './errors.ts';
import {
  type ColumnType,
  columnsOf,
  differencesOf,
  ERRORS,
  errorTableOf,
  POSITIONS,
  quoted,
  type TableColumn,
  type TableSettings,
} from './table.ts';

/** PostgreSQL's names of the types. */
export const postgresTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  double: 'double precision',
  numeric: 'numeric',
  boolean: 'boolean',
  timestamp: 'timestamp with time zone',
  date: 'date',
  uuid: 'uuid',
  json: 'jsonb',
  bytes: 'bytea',
};

/** The quoted names of the tables. */
export interface PostgresTables {
  readonly rows: string;
  readonly errors: string;
  readonly positions: string;
}

export function postgresTables(table: TableSettings): PostgresTables {
  const { schema } = table;
  const inSchema = (name: string): string =>
    schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
  return {
    rows: inSchema(table.name),
    errors: inSchema(errorTableOf(table)),
    positions: inSchema(POSITIONS.name),
  };
}

/**
 * Creates missing tables, and checks existing ones. Needs the right to create tables only if one is missing. Throws
 * DatabaseError if a table has other columns.
 */
export async function prepareTables(client: Client, table: TableSettings): Promise<void> {
  const tables = postgresTables(table);
  await client.query('BEGIN');
  // Creating one table twice at the same time would fail.
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('nagare creates tables', 0))");
  await prepare(client, tables.positions, POSITIONS.columns, POSITIONS.key);
  await prepare(client, tables.errors, ERRORS.columns, ERRORS.key);
  await prepare(client, tables.rows, columnsOf(table));
  await client.query('COMMIT');
}

interface PresentColumn {
  readonly name: string;
  readonly type: string;
  readonly mayBeAbsent: boolean;
}

const COLUMNS = `
  SELECT attname AS "name", format_type(atttypid, atttypmod) AS "type",
    NOT attnotnull OR atthasdef OR attidentity <> '' AS "mayBeAbsent"
  FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped`;

async function prepare(
  client: Client,
  name: string,
  columns: readonly TableColumn[],
  key: readonly string[] = [],
): Promise<void> {
  const { rows: present } = await client.query<PresentColumn>(COLUMNS, [name]);
  const wanted = columns.map((column) => ({ ...column, type: postgresTypes[column.type] }));
  if (present.length === 0) {
    const parts = wanted.map(
      (column) => `${quoted(column.name)} ${column.type}${column.required ? ' NOT NULL' : ''}`,
    );
    if (key.length > 0) parts.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
    await client.query(`CREATE TABLE ${name} (${parts.join(', ')})`);
    return;
  }
  const differences = differencesOf(wanted, present);
  if (differences.length === 0) return;
  throw new DatabaseError(
    'Database.TableDiffers',
    `The table ${name} differs from its declaration: ${differences.join('; ')}.`,
  );
}
