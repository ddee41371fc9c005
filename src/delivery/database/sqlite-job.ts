import { lstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { compareSequenceNumbers } from '../../consumers/checkpoints.ts';
import type { Transfer } from '../../support/thread-pool.ts';
import { type SqlValue, timestampText } from './convert.ts';
import { DatabaseError, type DatabaseErrorCode, RecordRefusal } from './errors.ts';
import { databaseLimits } from './limits.ts';
import { RowReader, type RowSource } from './row-reader.ts';
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

/** Why a record is refused, with its index in the batch. */
export interface RefusedAt {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

/** A batch for the SQLite thread. */
export interface SqliteJob {
  readonly file: string;
  /** The data folder, in which the file must not be. */
  readonly dataDir: string;
  readonly table: TableSettings;
  readonly deliveryId: string;
  readonly shardId: string;
  readonly lastSequenceNumber: string;
  /** The concatenated data of the records. */
  readonly data: ArrayBuffer;
  /** The end offset of each record. */
  readonly ends: Uint32Array<ArrayBuffer>;
  readonly arrivals: Float64Array<ArrayBuffer>;
  readonly subSequenceNumbers: Uint32Array<ArrayBuffer>;
  readonly sequenceNumbers: readonly string[];
  /** Refusals of records that are only written to the error table. */
  readonly refused?: readonly RefusedAt[];
}

export type SqliteAnswer =
  | { readonly refused: readonly RefusedAt[]; readonly failure?: undefined }
  | { readonly failure: { readonly code: DatabaseErrorCode; readonly message: string } };

const sqliteTypes: Readonly<Record<ColumnType, string>> = {
  text: 'TEXT',
  integer: 'INTEGER',
  bigint: 'INTEGER',
  double: 'REAL',
  // Exact, as text.
  numeric: 'TEXT',
  boolean: 'INTEGER',
  timestamp: 'TEXT',
  date: 'TEXT',
  uuid: 'TEXT',
  json: 'TEXT',
  bytes: 'BLOB',
};

/** Runs in the thread. */
export function runSqliteJob(job: SqliteJob): Transfer<SqliteAnswer> {
  try {
    return { message: { refused: write(job) }, moved: [] };
  } catch (error) {
    const code = error instanceof DatabaseError ? error.code : 'Database.Failed';
    const said = error instanceof Error ? error.message : String(error);
    const message = error instanceof DatabaseError ? said : `SQLite: ${said}`;
    return { message: { failure: { code, message } }, moved: [] };
  }
}

function write(job: SqliteJob): readonly RefusedAt[] {
  const path = checkedFile(job.file, job.dataDir);
  const database = opened(path);
  try {
    database.exec('BEGIN IMMEDIATE');
    prepareTables(database, job.table);
    const refused = job.refused === undefined ? writeRows(database, job) : job.refused;
    if (job.refused !== undefined) writeErrors(database, job, job.refused, '');
    database.exec('COMMIT');
    return refused;
  } catch (error) {
    // Ends the transaction.
    database.close();
    open.delete(path);
    throw error;
  }
}

/**
 * Open files by path, the most recently used last. They stay open between batches, because closing the last connection
 * briefly locks out readers.
 */
const open = new Map<string, { readonly database: DatabaseSync; readonly id: string }>();

function opened(path: string): DatabaseSync {
  const known = open.get(path);
  open.delete(path);
  // Stop writing to a file that was moved or replaced.
  if (known !== undefined && known.id === idOf(path)) {
    open.set(path, known);
    return known.database;
  }
  known?.database.close();
  const database = new DatabaseSync(path, { timeout: databaseLimits.sqliteBusyMs });
  try {
    // WAL: readers do not block the writer. FULL: a commit is on disk when it returns.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  } catch (error) {
    database.close();
    throw error;
  }
  open.set(path, { database, id: idOf(path) });
  const [oldest] = open;
  if (open.size > databaseLimits.sqliteFilesMax && oldest !== undefined) {
    oldest[1].database.close();
    open.delete(oldest[0]);
  }
  return database;
}

function idOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? '' : `${stats.dev} ${stats.ino}`;
}

/** Follows links, so that no file of the data folder is opened by another name. */
function checkedFile(file: string, dataDir: string): string {
  const folder = realpath(dirname(file));
  const path = folder && join(folder, basename(file));
  const isLink = path !== undefined && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const target = isLink ? realpath(path) : path;
  if (target === undefined) {
    const what = folder === undefined ? `folder ${dirname(file)}` : `file to which ${file} is a link`;
    throw new DatabaseError('Database.InvalidAddress', `The ${what} does not exist.`);
  }
  if (!isWithin(target, realpathSync(dataDir))) return target;
  throw new DatabaseError('Database.InvalidAddress', `The file ${file} is in the data folder of the server.`);
}

function realpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isWithin(path: string, folder: string): boolean {
  const from = relative(folder, path);
  return from !== '..' && !from.startsWith(`..${sep}`);
}

function prepareTables(database: DatabaseSync, table: TableSettings): void {
  prepare(database, POSITIONS.name, POSITIONS.columns, POSITIONS.key);
  prepare(database, errorTableOf(table), ERRORS.columns, ERRORS.key);
  prepare(database, table.name, columnsOf(table));
}

function prepare(
  database: DatabaseSync,
  name: string,
  columns: readonly TableColumn[],
  key: readonly string[] = [],
): void {
  const wanted = columns.map((column) => ({ ...column, type: sqliteTypes[column.type] }));
  // Hidden columns are generated and cannot be written.
  const present = database
    .prepare(
      'SELECT name, type, "notnull" AS required, dflt_value AS fallback, pk FROM pragma_table_xinfo(?) WHERE hidden = 0',
    )
    .all(name)
    .map((column) => ({
      name: String(column['name']),
      type: String(column['type']).toUpperCase(),
      mayBeAbsent: column['required'] === 0 || column['fallback'] !== null || column['pk'] !== 0,
    }));
  if (present.length === 0) {
    const parts = wanted.map(
      (column) => `${quoted(column.name)} ${column.type}${column.required ? ' NOT NULL' : ''}`,
    );
    if (key.length > 0) parts.push(`PRIMARY KEY (${key.map(quoted).join(', ')})`);
    database.exec(`CREATE TABLE ${quoted(name)} (${parts.join(', ')}) STRICT`);
    return;
  }
  const differences = differencesOf(wanted, present);
  if (differences.length === 0) return;
  throw new DatabaseError(
    'Database.TableDiffers',
    `The table ${name} differs from its declaration: ${differences.join('; ')}.`,
  );
}

function writeRows(database: DatabaseSync, job: SqliteJob): readonly RefusedAt[] {
  const { deliveryId, shardId, lastSequenceNumber, table } = job;
  const position = database
    .prepare(
      `SELECT last_sequence_number AS last FROM ${POSITIONS.name} WHERE delivery_id = ? AND shard_id = ?`,
    )
    .get(deliveryId, shardId);
  const last = position === undefined ? '' : String(position['last']);
  if (compareSequenceNumbers(lastSequenceNumber, last) <= 0) return refusedBefore(database, job);
  const reader = new RowReader(table, { refusesNull: false });
  const insert = insertStatement(database, quoted(table.name), columnsOf(table));
  const refused: RefusedAt[] = [];
  for (const [index, record] of recordsOf(job)) {
    if (compareSequenceNumbers(record.sequenceNumber, last) <= 0) continue;
    try {
      const values = reader.read(record).map(inputOf);
      insert.run(...values);
    } catch (error) {
      if (!database.isTransaction) throw error;
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      refused.push({ index, ...refusal });
    }
  }
  writeErrors(database, job, refused, lastSequenceNumber);
  database
    .prepare(
      `INSERT OR REPLACE INTO ${POSITIONS.name} (delivery_id, shard_id, last_sequence_number) VALUES (?, ?, ?)`,
    )
    .run(deliveryId, shardId, lastSequenceNumber);
  return refused;
}

/** Reads the refusals of an attempt whose response was lost. */
function refusedBefore(database: DatabaseSync, job: SqliteJob): RefusedAt[] {
  const { deliveryId, shardId, lastSequenceNumber, table } = job;
  const rows = database
    .prepare(
      `SELECT sequence_number || '.' || sub_sequence_number AS id, error_code AS code, error_message AS message
       FROM ${quoted(errorTableOf(table))} WHERE delivery_id = ? AND shard_id = ? AND batch_end = ?`,
    )
    .all(deliveryId, shardId, lastSequenceNumber);
  const found = new Map(rows.map((row) => [String(row['id']), row]));
  return job.sequenceNumbers.flatMap((sequenceNumber, index) => {
    const row = found.get(`${sequenceNumber}.${job.subSequenceNumbers[index] ?? 0}`);
    if (row === undefined) return [];
    return [{ index, code: String(row['code']), message: String(row['message']) }];
  });
}

function writeErrors(
  database: DatabaseSync,
  job: SqliteJob,
  refused: readonly RefusedAt[],
  batchEnd: string,
): void {
  if (refused.length === 0) return;
  const { table, deliveryId, shardId } = job;
  const errors = quoted(errorTableOf(table));
  const insert = insertStatement(database, errors, ERRORS.columns, 'ON CONFLICT DO NOTHING');
  for (const { index, code, message } of refused) {
    const { sequenceNumber, subSequenceNumber, arrivalMs, data } = recordAt(job, index);
    const arrivedAt = timestampText(BigInt(arrivalMs) * 1000n) ?? '';
    const source = [deliveryId, shardId, sequenceNumber, subSequenceNumber, arrivedAt];
    insert.run(...source, code, message, data, batchEnd);
  }
}

function insertStatement(
  database: DatabaseSync,
  table: string,
  columns: readonly TableColumn[],
  rest = '',
): StatementSync {
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const values = columns.map(() => '?').join(', ');
  return database.prepare(`INSERT INTO ${table} (${names}) VALUES (${values}) ${rest}`);
}

function inputOf(value: SqlValue): SQLInputValue {
  return typeof value === 'boolean' ? Number(value) : value;
}

/** https://www.sqlite.org/rescode.html: too big, constraint, mismatch. */
const REJECTIONS = new Set([18, 19, 20]);

function refusalOf(error: unknown): { readonly code: string; readonly message: string } | undefined {
  if (error instanceof RecordRefusal) return { code: error.code, message: error.message };
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  if (!REJECTIONS.has(error.errcode & 0xff)) return undefined;
  return { code: 'Database.Rejected', message: `SQLite rejects the row: ${error.message}` };
}

function* recordsOf(job: SqliteJob): Generator<readonly [index: number, record: RowSource]> {
  for (let index = 0; index < job.ends.length; index++) yield [index, recordAt(job, index)];
}

function recordAt(
  { data, ends, arrivals, sequenceNumbers, subSequenceNumbers, shardId }: SqliteJob,
  index: number,
): RowSource {
  const start = index === 0 ? 0 : (ends[index - 1] ?? 0);
  return {
    data: new Uint8Array(data, start, (ends[index] ?? 0) - start),
    arrivalMs: arrivals[index] ?? 0,
    shardId,
    sequenceNumber: sequenceNumbers[index] ?? '',
    subSequenceNumber: subSequenceNumbers[index] ?? 0,
  };
}
