import type { Catalog, Table } from '../../engine/catalog.ts';
import type { LogId } from '../../engine/engine.ts';
import type { StoredDestination } from './configuration/destination.ts';

/** A delivery stream in the catalog (StoredStreams), by name. Times are milliseconds since the epoch. */
export interface DeliveryStreamRow {
  /** A UUID. It distinguishes delivery streams that had the same name at different times. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly updatedMs?: number;
  /** `VersionId`: 1 for a new delivery stream, one more with each update of its destination. */
  readonly version: number;
  /** Set when it is being deleted: what was put is still delivered. */
  readonly deleting?: true;
  readonly source: Source;
  readonly destination: StoredDestination;
  /** Earlier versions of the destination that ranges in progress were begun with. */
  readonly earlier?: readonly { readonly version: number; readonly destination: StoredDestination }[];
  readonly encryption?: Encryption;
  readonly tags: Readonly<Record<string, string>>;
}

export type Source =
  | {
      readonly type: 'DirectPut';
      /** Where its records lie. */
      readonly log: LogId;
      readonly throughputHintMiBps?: number;
      /** Undelivered records are dropped at this age; undefined: never. */
      readonly retentionHours?: number;
    }
  | {
      readonly type: 'KinesisStreamAsSource';
      readonly streamArn: string;
      readonly roleArn: string;
      /** When reading began. */
      readonly startMs: number;
    };

/** Of new records at rest. */
export interface Encryption {
  readonly enabled: boolean;
  readonly keyType?: 'AWS_OWNED_CMK' | 'CUSTOMER_MANAGED_CMK';
  readonly keyArn?: string;
}

/** Logs of deleted delivery streams: dropped after the commit that deletes them. */
export interface GarbageRow {
  readonly log: LogId;
}

/** Keys are ids of delivery streams. */
export function garbageTable(catalog: Pick<Catalog, 'table'>): Table<GarbageRow> {
  return catalog.table('firehose.garbage');
}

/** As they are stored: with encrypted secrets. */
export function streamsTable(catalog: Pick<Catalog, 'table'>): Table<DeliveryStreamRow> {
  return catalog.table('firehose.streams');
}
