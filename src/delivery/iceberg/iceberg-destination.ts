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
  /** Never reused: the positions in the tables are kept under it. */
  readonly deliveryId: string;
  /** The table of a record, or why it has none. */
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
 * Nothing was sent that could still land. All other failures may pass, or may have written something: they are
 * repeated until they are gone.
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
 * Appends each record to its table. Each table takes its part of the batch exactly once, so that a batch of which one
 * table failed is repeated as a whole.
 */
export class IcebergDestination implements Destination {
  readonly #options: IcebergDestinationOptions;
  /** Tables that cannot be appended to, with the time of the first failure and the number of failures. */
  readonly #failing = new Map<string, { readonly sinceMs: number; attempts: number }>();

  constructor(options: IcebergDestinationOptions) {
    this.#options = options;
  }

  /** The failure of one table does not keep records from the others. */
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

  /** Why the records of a table are refused, if it has failed for too long. */
  #finalReason(name: string, error: unknown): Omit<RefusedRecord, 'record'> | undefined {
    const { clock, retryMs } = this.#options;
    if (!(error instanceof IcebergError) || !finalCodes.has(error.code)) return undefined;
    const failing = this.#failing.get(name) ?? { sinceMs: clock.now(), attempts: 0 };
    failing.attempts++;
    this.#failing.set(name, failing);
    if (clock.now() - failing.sinceMs < retryMs) return undefined;
    return { errorCode: error.code, errorMessage: error.message, attempts: failing.attempts };
  }

  /** The records of each table, in their order. */
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
