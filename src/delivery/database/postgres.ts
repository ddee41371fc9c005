import { setImmediate } from 'node:timers/promises';
import type { Client } from 'pg';
import { compareSequenceNumbers } from '../../consumers/checkpoints.ts';
import type { DeliveryBatch, DeliveryRecord, DeliveryResult, RefusedRecord } from '../destination.ts';
import { type SqlValue, timestampText } from './convert.ts';
import { type DatabaseDestination, refusedRecord, storableMessage } from './database-destination.ts';
import { RecordRefusal } from './errors.ts';
import { databaseLimits } from './limits.ts';
import { PostgresConnections, type PostgresConnectionsOptions } from './postgres-connections.ts';
import { postgresTables, postgresTypes, type PostgresTables, prepareTables } from './postgres-schema.ts';
import { RowReader } from './row-reader.ts';
import { columnsOf, ERRORS, quoted, type TableColumn, type TableSettings } from './table.ts';

export interface PostgresOptions extends PostgresConnectionsOptions {
  readonly table: TableSettings;
  /** Never reused, because positions are stored under it. */
  readonly deliveryId: string;
}

interface Row {
  readonly record: DeliveryRecord;
  readonly values: readonly SqlValue[];
}

/** Writes to a table of PostgreSQL. */
export class PostgresDestination implements DatabaseDestination {
  readonly #connections: PostgresConnections;
  readonly #table: TableSettings;
  readonly #names: PostgresTables;
  readonly #deliveryId: string;
  readonly #reader: RowReader;
  readonly #insertRows: string;
  readonly #insertErrors: string;
  /** Whether the tables have been checked. After a failure they are checked again. */
  #prepared = false;

  constructor(options: PostgresOptions) {
    const { table, deliveryId } = options;
    this.#connections = new PostgresConnections(options);
    this.#table = table;
    this.#names = postgresTables(table);
    this.#deliveryId = deliveryId;
    this.#reader = new RowReader(table, { refusesNull: true });
    this.#insertRows = insertStatement(this.#names.rows, columnsOf(table));
    this.#insertErrors = `${insertStatement(this.#names.errors, ERRORS.columns)} ON CONFLICT DO NOTHING`;
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult> {
    if (batch.records.length === 0) return { delivered: 0, bytes: 0, refused: [] };
    const refused = await this.#transaction(signal, async (client) => {
      const position = await this.#lockPosition(client, batch.shardId);
      if (compareSequenceNumbers(batch.lastSequenceNumber, position) <= 0) {
        return await this.#refusedBefore(client, batch);
      }
      const records = batch.records.filter(
        ({ sequenceNumber }) => compareSequenceNumbers(sequenceNumber, position) > 0,
      );
      const found = await this.#insert(client, records);
      await this.#insertRefused(client, batch.shardId, found, batch.lastSequenceNumber);
      await client.query(
        `UPDATE ${this.#names.positions} SET last_sequence_number = $3 WHERE delivery_id = $1 AND shard_id = $2`,
        [this.#deliveryId, batch.shardId, batch.lastSequenceNumber],
      );
      return found;
    });
    const missing = new Set(refused.map(({ record }) => record));
    let bytes = 0;
    for (const record of batch.records) if (!missing.has(record)) bytes += record.data.length;
    return { delivered: batch.records.length - refused.length, bytes, refused };
  }

  async write({ shardId }: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const signal = AbortSignal.timeout(databaseLimits.transactionTimeoutMs);
    await this.#transaction(signal, (client) => this.#insertRefused(client, shardId, refused, ''));
  }

  close(): Promise<void> {
    this.#connections.close();
    return Promise.resolve();
  }

  async #transaction<Result>(
    signal: AbortSignal,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.#connections.run(async (client) => {
        if (!this.#prepared) await prepareTables(client, this.#table);
        this.#prepared = true;
        await client.query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
        await client.query(SETTINGS);
        const result = await work(client);
        const { command } = await client.query('COMMIT');
        if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
        return result;
      }, signal);
    } catch (error) {
      this.#prepared = false;
      throw error;
    }
  }

  /**
   * Reads and locks the position of the shard, creating an empty one if necessary. The lock is held until the end of
   * the transaction: another server that delivers the same records waits for it, and then finds the new position.
   */
  async #lockPosition(client: Client, shardId: string): Promise<string> {
    const { positions } = this.#names;
    const key = [this.#deliveryId, shardId];
    await client.query(
      `INSERT INTO ${positions} (delivery_id, shard_id, last_sequence_number) VALUES ($1, $2, '') ON CONFLICT DO NOTHING`,
      key,
    );
    const { rows } = await client.query<{ last: string }>(
      `SELECT last_sequence_number AS last FROM ${positions} WHERE delivery_id = $1 AND shard_id = $2 FOR UPDATE`,
      key,
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the position of the shard was deleted');
    return row.last;
  }

  /** Reads the refusals of an attempt whose response was lost. */
  async #refusedBefore(client: Client, batch: DeliveryBatch): Promise<RefusedRecord[]> {
    const { rows } = await client.query<{ id: string; code: string; message: string }>(
      `SELECT sequence_number || '.' || sub_sequence_number AS id, error_code AS code, error_message AS message
       FROM ${this.#names.errors} WHERE delivery_id = $1 AND shard_id = $2 AND batch_end = $3`,
      [this.#deliveryId, batch.shardId, batch.lastSequenceNumber],
    );
    const found = new Map(rows.map((row) => [row.id, row]));
    return batch.records.flatMap((record) => {
      const row = found.get(`${record.sequenceNumber}.${record.subSequenceNumber}`);
      return row === undefined ? [] : [refusedRecord(record, row)];
    });
  }

  /** Returns the refused records. */
  async #insert(client: Client, records: readonly DeliveryRecord[]): Promise<RefusedRecord[]> {
    const refused: RefusedRecord[] = [];
    let rows: Row[] = [];
    let bytes = 0;
    let untilPause: number = databaseLimits.readBytesAtOnceMax;
    for (const record of records) {
      const values = this.#read(record);
      if (values instanceof RecordRefusal) refused.push(refusedRecord(record, values));
      else rows.push({ record, values });
      bytes += record.data.length;
      untilPause -= record.data.length;
      if (bytes >= databaseLimits.insertBytesMax || rows.length >= databaseLimits.insertRowsMax) {
        refused.push(...(await this.#insertPart(client, rows)));
        rows = [];
        bytes = 0;
        untilPause = databaseLimits.readBytesAtOnceMax;
      } else if (untilPause <= 0) {
        await setImmediate();
        untilPause = databaseLimits.readBytesAtOnceMax;
      }
    }
    if (rows.length > 0) refused.push(...(await this.#insertPart(client, rows)));
    return refused;
  }

  #read(record: DeliveryRecord): SqlValue[] | RecordRefusal {
    try {
      return this.#reader.read(record);
    } catch (error) {
      if (error instanceof RecordRefusal) return error;
      throw error;
    }
  }

  /** Splits rejected rows in half until a single row is left. The others are written in order. */
  async #insertPart(client: Client, rows: readonly Row[]): Promise<RefusedRecord[]> {
    const [first] = rows;
    if (first === undefined) return [];
    await client.query('SAVEPOINT nagare');
    try {
      await client.query(this.#insertRows, arraysOf(rows.map(({ values }) => values)));
    } catch (error) {
      if (!isRejection(error)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT nagare');
      if (rows.length === 1) {
        const message = `PostgreSQL rejects the row: ${error.message}`;
        return [refusedRecord(first.record, { code: 'Database.Rejected', message })];
      }
      const half = Math.ceil(rows.length / 2);
      const before = await this.#insertPart(client, rows.slice(0, half));
      return [...before, ...(await this.#insertPart(client, rows.slice(half)))];
    }
    await client.query('RELEASE SAVEPOINT nagare');
    return [];
  }

  async #insertRefused(
    client: Client,
    shardId: string,
    refused: readonly RefusedRecord[],
    batchEnd: string,
  ): Promise<void> {
    let rows: SqlValue[][] = [];
    let bytes = 0;
    for (const { record, errorCode, errorMessage } of refused) {
      const { sequenceNumber, subSequenceNumber, arrivalMs, data } = record;
      const arrivedAt = timestampText(BigInt(arrivalMs) * 1000n) ?? '';
      const message = storableMessage(errorMessage);
      const source = [this.#deliveryId, shardId, sequenceNumber, subSequenceNumber, arrivedAt];
      rows.push([...source, storableMessage(errorCode), message, data, batchEnd]);
      bytes += data.length;
      if (bytes < databaseLimits.insertBytesMax && rows.length < databaseLimits.insertRowsMax) continue;
      await client.query(this.#insertErrors, arraysOf(rows));
      rows = [];
      bytes = 0;
    }
    if (rows.length > 0) await client.query(this.#insertErrors, arraysOf(rows));
  }
}

/** Commits must be on the server's disk, whatever its default is. */
const SETTINGS = `
  SELECT set_config('statement_timeout', '${databaseLimits.statementTimeoutMs}', true),
    set_config('lock_timeout', '${databaseLimits.lockTimeoutMs}', true),
    set_config('idle_in_transaction_session_timeout', '${databaseLimits.statementTimeoutMs}', true),
    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END`;

/** Takes one array of texts per column, so that the statement is the same for any number of rows. */
function insertStatement(table: string, columns: readonly TableColumn[]): string {
  const names = columns.map(({ name }) => quoted(name)).join(', ');
  const values = columns.map(({ type }, index) => `c${index}::${postgresTypes[type]}`).join(', ');
  const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const aliases = columns.map((_, index) => `c${index}`).join(', ');
  return `INSERT INTO ${table} (${names}) SELECT ${values} FROM unnest(${arrays}) AS rows (${aliases})`;
}

function arraysOf(rows: readonly (readonly SqlValue[])[]): (string | null)[][] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, index) => rows.map((row) => textOf(row[index] ?? null)));
}

function textOf(value: SqlValue): string | null {
  if (value === null || typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) return String(value);
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`;
}

/**
 * Whether the database rejects the values: data exceptions, violated constraints, exceeded program limits, and errors
 * raised by triggers. https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
function isRejection(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && /^(22|23|54|P0)...$/.test(String(error.code));
}
