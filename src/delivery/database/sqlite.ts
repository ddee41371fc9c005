import type { DeliveryBatch, DeliveryResult, RefusedRecord } from '../destination.ts';
import { type DatabaseDestination, refusedRecord, storableMessage } from './database-destination.ts';
import { databaseLimits } from './limits.ts';
import type { SqliteThread } from './sqlite-thread.ts';
import type { TableSettings } from './table.ts';

export interface SqliteOptions {
  readonly thread: SqliteThread;
  /** An absolute path. The file is created if it does not exist; its folder must exist. */
  readonly file: string;
  /** The data folder, in which the file must not be. */
  readonly dataDir: string;
  readonly table: TableSettings;
  /** Never reused, because positions are stored under it. */
  readonly deliveryId: string;
}

/** Writes to a table in a file of SQLite. */
export class SqliteDestination implements DatabaseDestination {
  readonly #options: SqliteOptions;

  constructor(options: SqliteOptions) {
    this.#options = options;
  }

  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult> {
    const { records } = batch;
    if (records.length === 0) return { delivered: 0, bytes: 0, refused: [] };
    const found = await this.#options.thread.write(this.#taskOf(batch), records, signal);
    let bytes = 0;
    for (const { data } of records) bytes += data.length;
    const refused = found.flatMap(({ index, code, message }) => {
      const record = records[index];
      return record === undefined ? [] : [refusedRecord(record, { code, message })];
    });
    for (const { record } of refused) bytes -= record.data.length;
    return { delivered: records.length - refused.length, bytes, refused };
  }

  async write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const task = {
      ...this.#taskOf(batch),
      refused: refused.map(({ errorCode, errorMessage }, index) => ({
        index,
        code: storableMessage(errorCode),
        message: storableMessage(errorMessage),
      })),
    };
    const signal = AbortSignal.timeout(databaseLimits.transactionTimeoutMs);
    await this.#options.thread.write(
      task,
      refused.map(({ record }) => record),
      signal,
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #taskOf({ shardId, lastSequenceNumber }: DeliveryBatch) {
    const { file, dataDir, table, deliveryId } = this.#options;
    return { file, dataDir, table, deliveryId, shardId, lastSequenceNumber };
  }
}
