import type { Clock } from '../../support/clock.ts';
import type {
  DeliveryBatch,
  DeliveryRecord,
  DeliveryResult,
  Destination,
  RefusedRecord,
} from '../destination.ts';
import { IcebergError, type IcebergErrorCode } from './errors.ts';
import type { TableName } from './rest-catalog.ts';
import type { IcebergTables, TableTarget } from './tables.ts';

export interface IcebergDestinationOptions {
  readonly tables: Pick<IcebergTables, 'append'>;
  /** Never reused, because positions in tables are stored under it. */
  readonly deliveryId: string;
  /** Returns the table of a record, or why it has none. */
  readonly route: (record: DeliveryRecord) => TableTarget | RouteRefusal;
  /** How long a table may be missing or unsuitable before its records are refused. */
  readonly retryMs: number;
  readonly clock: Clock;
}

export interface RouteRefusal {
  readonly errorCode: string;
  readonly errorMessage: string;
}

/**
 * Errors after which no commit can still take effect. Other failures may be transient or may have written records, so
 * they are retried until they succeed.
 */
const finalCodes: ReadonlySet<IcebergErrorCode> = new Set([
  'Iceberg.NoSuchCatalog',
  'Iceberg.NoSuchTable',
  'Iceberg.UnsupportedTable',
]);

interface Part {
  readonly target: TableTarget;
  readonly records: DeliveryRecord[];
}

/**
 * Appends each record to its table. Each table gets its part of the batch exactly once, so a batch in which one table
 * failed is retried as a whole.
 */
export class IcebergDestination implements Destination {
  readonly #options: IcebergDestinationOptions;
  /** Tables that cannot be appended to, with the time of the first failure and the number of failures. */
  readonly #failing = new Map<string, { readonly sinceMs: number; attempts: number }>();

  constructor(options: IcebergDestinationOptions) {
    this.#options = options;
  }

  /** A failing table does not stop the other tables. */
  async deliver(batch: DeliveryBatch, signal: AbortSignal): Promise<DeliveryResult> {
    const { tables, deliveryId } = this.#options;
    const { parts, refused } = this.#sort(batch.records);
    const { shardId, firstSequenceNumber, lastSequenceNumber } = batch;
    const range = { deliveryId, shardId, firstSequenceNumber, lastSequenceNumber };
    let [delivered, bytes, objects] = [0, 0, 0];
    const failures: unknown[] = [];
    for (const [name, { target, records }] of parts) {
      try {
        const appended = await tables.append(target, range, records, signal);
        this.#failing.delete(name);
        delivered += appended.delivered;
        bytes += appended.bytes;
        objects += appended.files;
        refused.push(...appended.refused);
      } catch (error) {
        signal.throwIfAborted();
        const reason = this.#finalReason(name, error);
        if (reason === undefined) failures.push(error);
        else refused.push(...records.map((record) => ({ record, ...reason })));
      }
    }
    if (failures.length > 0) throw failures[0];
    return { delivered, bytes, objects, refused };
  }

  async close(): Promise<void> {}

  /** Returns why the records of a table are refused, if it has failed for too long. */
  #finalReason(name: string, error: unknown): Omit<RefusedRecord, 'record'> | undefined {
    const { clock, retryMs } = this.#options;
    if (!(error instanceof IcebergError) || !finalCodes.has(error.code)) return undefined;
    const failing = this.#failing.get(name) ?? { sinceMs: clock.now(), attempts: 0 };
    failing.attempts++;
    this.#failing.set(name, failing);
    if (clock.now() - failing.sinceMs < retryMs) return undefined;
    return { errorCode: error.code, errorMessage: error.message, attempts: failing.attempts };
  }

  /** Groups the records by table, in order. */
  #sort(records: readonly DeliveryRecord[]) {
    const parts = new Map<string, Part>();
    const refused: RefusedRecord[] = [];
    for (const record of records) {
      const target = this.#options.route(record);
      if ('errorCode' in target) {
        refused.push({ record, ...target, attempts: 1 });
        continue;
      }
      const name = nameOf(target.name);
      const part = parts.get(name);
      if (part === undefined) parts.set(name, { target, records: [record] });
      else part.records.push(record);
    }
    return { parts, refused };
  }
}

function nameOf({ database, table }: TableName): string {
  return JSON.stringify([database, table]);
}
